"""Whatever is changed in a log afterwards is found by who verifies it."""

import asyncio
import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

from services.intake.service import service as intake
from shared.kernel.errors import OpenDoorError
from shared.log.against import Against
from shared.log.base import Appended, Log
from shared.log.chain import verify as verify_chain
from shared.runtime.settings import load_settings
from shared.runtime.verbs import proving
from shared.security.evidence import SignedHead
from tests.faults.checker import Finding
from tests.faults.databases import ON_POSTGRES, ON_SQLITE, Dialect, empty_log, opened
from tests.faults.lanes import Lane
from tests.faults.tampering import Flip, flipped, put_back, saved
from tests.faults.trial import Plan, Tally, Trial
from tests.kit.heads import SERIES, head_at
from tests.kit.processes import ROOT
from tests.kit.rewriting import cut, rewrite
from tests.kit.together import environment

ENTRIES = 30
LANES = 2
KEPT = 4
"""Heads that somebody kept, the last of them of the whole log."""
UNSEEN = "what was changed is not found"
UNNAMED = "the place of a change is not named"
FELL = "verifying fell over"


async def run(plan: Plan, dialect: Dialect) -> Tally:
    tally = Tally()
    async with empty_log(plan, dialect) as url, opened(url) as log:
        tally.acknowledged = await filled(log, plan.seed)
        rows = await saved(log)
        heads = await _kept(log, plan.chance("kept"))
        for number in range(plan.rounds):
            chance = plan.chance(number)
            flip = await flipped(log, rows, chance)
            tally.faults["bits of a row"] += 1
            found = await asyncio.to_thread(verified, url, plan.folder)
            _judge(found, flip, tally)
            if number == 0 and dialect == ON_SQLITE:
                await asyncio.to_thread(by_command, url, flip, tally)
            await put_back(log, rows)
            await _rewritten(log, heads, chance, tally)
            await put_back(log, rows)
            tally.rounds += 1
            plan.step()
        found = await asyncio.to_thread(verified, url, plan.folder)
        if not found["intact"]:
            tally.findings.append(Finding(FELL, f"a log that is whole: {found['sentence']}"))
    return tally


async def filled(log: Log, seed: int) -> int:
    """Appends what is to be tampered with; how many entries."""
    lanes = [Lane(seed=seed, name=f"lane-{n}") for n in range(LANES)]
    outcomes = [
        outcome
        for number in range(ENTRIES)
        for outcome in await log.append([one.entry(number) for one in lanes])
    ]
    return sum(isinstance(one, Appended) for one in outcomes)


async def _kept(log: Log, chance: random.Random) -> list[SignedHead]:
    last = (await log.head()).position
    return [await head_at(log, one) for one in (*chance.sample(range(1, last), KEPT - 1), last)]


def verified(url: str, folder: Path) -> dict[str, Any]:
    """What `opendoor verify intake` finds of that database; `fell` where it fell over."""
    settings = load_settings(environment="development", data_dir=folder, database_url=url)
    try:
        with patch.object(proving, "progress_bar", _quietly):
            return proving.verify(intake, settings)
    except OpenDoorError as error:
        return {"intact": False, "sentence": error.detail}
    except Exception as error:  # whatever it is, whoever verifies would be shown it
        return {"intact": False, "sentence": "", "fell": repr(error)}


@contextmanager
def _quietly(_title: str) -> Iterator[Callable[[int, int, str], None]]:
    yield lambda done, total, what: None


def _judge(found: dict[str, Any], flip: Flip, tally: Tally) -> None:
    if "fell" in found:
        tally.findings.append(Finding(FELL, f"{flip}: {found['fell']}"))
    elif found["intact"]:
        tally.findings.append(Finding(UNSEEN, str(flip)))
    elif not _names(found["sentence"], flip):
        tally.findings.append(Finding(UNNAMED, f"{flip}: {found['sentence']}"))


def _names(sentence: str, flip: Flip) -> bool:
    """A row whose own position was changed is missed where it stood, or met where it stands."""
    return any(f"position {place}:" in sentence for place in (flip.position, flip.now))


def by_command(url: str, flip: Flip, tally: Tally) -> None:
    """The same by the command itself, as a person gives it."""
    said = subprocess.run(
        [sys.executable, "-m", "services", "verify", "intake"],
        cwd=ROOT,
        env=environment(OPENDOOR_ENVIRONMENT="development", OPENDOOR_DATABASE_URL=url),
        capture_output=True,
        text=True,
        timeout=60,
    )
    if said.returncode != 1 or not _names(said.stdout, flip):
        where = f"status {said.returncode}: {said.stdout}{said.stderr}"
        tally.findings.append(Finding(UNNAMED, where))


async def _rewritten(
    log: Log, heads: list[SignedHead], chance: random.Random, tally: Tally
) -> None:
    """The chain is whole again, and does not fit what somebody kept."""
    at = chance.randint(1, heads[-1].position - 1)
    if chance.random() < 0.5:
        await cut(log, at)
        what = "tails cut off"
    else:
        await rewrite(log, at, b'{"forged":true}')
        what = "histories with fresh hashes"
    tally.faults[what] += 1
    against = Against("intake", heads, (SERIES,))
    against.end(await verify_chain(log, meet=against.meet))
    wrong = [one.position for one in heads if one.position >= at + (what == "tails cut off")]
    if len(against.faults) != len(wrong):
        tally.findings.append(Finding(UNSEEN, f"{what} at {at}: {against.faults}"))


TRIALS = tuple(
    Trial(
        name=f"log tampered with, {dialect}",
        promises="R7",
        method="A seeded bit of any column of any event is flipped behind the guards: `verify` "
        "names the position. A tail is cut off, or a history rewritten with fresh hashes: heads "
        "kept elsewhere do not fit.",
        run=partial(run, dialect=dialect),
        short=short,
    )
    for dialect, short in ((ON_POSTGRES, 4), (ON_SQLITE, 6))
)
