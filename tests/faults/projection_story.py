"""Boxes that are filled one thing at a time, as a trial of projections tells and judges them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from unittest.mock import patch

from sqlalchemy import select

from shared.kernel.clock import SystemClock
from shared.log.base import Appended, Entry, Log
from shared.log.opening import open_log
from shared.log.schema import create
from shared.projections.projector import Projector
from shared.projections.swapping import found
from shared.runtime import building
from shared.runtime.building import Builder
from shared.runtime.service import Service
from tests.faults.history import Call, History, Outcome, Seen, View, now
from tests.shared.projections.boxes import BOX, BOXES, BOXES_VIEW, CODEC, BoxMade, ThingPut, encoded

NAMES = "abc"
BATCH = 2
"""Events a transaction: several transactions follow on one another, whatever little is told."""
VIEWS = (View("read model"),)

SERVICE = Service(
    name="boxes",
    title="Boxes",
    description="Made up.",
    aggregates=(BOX,),
    commands=(),
    projections=(BOXES_VIEW,),
    migrations=Path(),
)


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Log]:
    """The log at a URL; what was there when a process was killed is let go of."""
    log = open_log(url, SystemClock(), pool_size=2, synced=False)
    try:
        yield log
    finally:
        await log.close()
        await log.store.close()


async def begun(log: Log) -> None:
    """Schema, an empty read model, and the boxes."""
    await log.store.write(create)
    await log.store.write(partial(found, projections=(BOXES_VIEW,)))
    events = [encoded(BOX.stream(one), 1, BoxMade(owner=one)) for one in NAMES]
    await log.append([Entry(events=(one,)) for one in events])


async def told(log: Log, history: History, number: int) -> None:
    """One thing more in each box, told by one append."""
    entries = []
    for box in NAMES:
        version = len(await log.stream(BOX.stream(box))) + 1
        thing = encoded(BOX.stream(box), version, ThingPut(name=f"{box}{number}"))
        entries.append(Entry(events=(thing,)))
    sent = now()
    outcomes = await log.append(entries)
    for box, outcome in zip(NAMES, outcomes, strict=True):
        assert isinstance(outcome, Appended)
        history.calls.append(
            Call(
                writer="the trial",
                item=f"{box}{number}",
                key=box,
                sent=sent,
                ended=now(),
                outcome=Outcome.ACKNOWLEDGED,
            )
        )


async def follow(log: Log) -> None:
    """What a worker's projector does until it stands at the head."""
    await carried(Projector(BOXES_VIEW, log, CODEC.decode_known, batch=BATCH))


async def rebuild(log: Log) -> None:
    """What `opendoor projections rebuild` does, in three transactions."""
    third = (await log.head()).position // 3 + 1
    with patch.object(building, "Projector", partial(Projector, batch=third)):
        await Builder(service=SERVICE, log=log).rebuild(BOXES_VIEW)


async def carried(projector: Projector) -> None:
    while await projector.step():
        continue


WORKS = {"follow": follow, "rebuild": rebuild}


async def looked_at(log: Log, history: History) -> History:
    """The history with the log and the rows as they stand: the things of a box in the order in
    which the read model took them, one that it took twice also twice."""
    history.truth = []
    for box in NAMES:
        names = [CODEC.decode_known(one) for one in await log.stream(BOX.stream(box))]
        things = [one.name for one in names if isinstance(one, ThingPut)]
        history.truth += _seen("the log", box, things)
    history.seen = []
    for row in await log.store.read(select(BOXES).order_by(BOXES.c.id)):
        # A count that went up without its thing, or the other way round, shows as another item.
        things = row.labels if row.things == len(row.labels) else [*row.labels, f"{row.things}"]
        history.seen += _seen("read model", row.id, things)
    return history


def _seen(reader: str, box: str, things: list[str]) -> list[Seen]:
    return [
        Seen(reader=reader, series=box, n=n, item=thing, digest=thing, at=now())
        for n, thing in enumerate(things, start=1)
    ]
