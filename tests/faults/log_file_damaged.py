"""Bits of an SQLite file rot, or its end is missing: what still verifies is what was written."""

import asyncio
import random
import sqlite3
from collections.abc import Sequence
from pathlib import Path

from shared.kernel.errors import OpenDoorError
from shared.log.base import Recorded
from shared.log.opening import SQLITE
from tests.faults.checker import Finding
from tests.faults.databases import ON_SQLITE, empty_log, opened
from tests.faults.log_tampered import FELL, UNSEEN, filled, verified
from tests.faults.trial import Plan, Tally, Trial

ALL = 10_000


async def run(plan: Plan) -> Tally:
    tally = Tally()
    async with empty_log(plan, ON_SQLITE) as url, opened(url) as log:
        tally.acknowledged = await filled(log, plan.seed)
        written = await log.events(0, ALL)
        whole = _file_of(Path(url.removeprefix(SQLITE)))
    found = 0
    for number in range(plan.rounds):
        what, spoiled = _spoiled(whole, plan.chance(number))
        tally.faults[what.split(" ")[0] + " of the file"] += 1
        found += await _judge(plan, what, spoiled, written, tally)
        tally.rounds += 1
        plan.step()
    tally.remarks["damages that touched the events and were found"] = f"{found:,}"
    return tally


def _file_of(path: Path) -> bytes:
    """The database in one file, as a backup takes it."""
    with sqlite3.connect(path) as source, sqlite3.connect(path.with_suffix(".copy")) as copy:
        source.backup(copy)
    source.close()
    copy.close()
    return path.with_suffix(".copy").read_bytes()


def _spoiled(whole: bytes, chance: random.Random) -> tuple[str, bytes]:
    if chance.random() < 0.1:
        size = chance.randrange(len(whole))
        return f"ends at byte {size}", whole[:size]
    bit = chance.randrange(8 * len(whole))
    spoiled = bytearray(whole)
    spoiled[bit // 8] ^= 1 << bit % 8
    return f"bits number {bit}", bytes(spoiled)


async def _judge(
    plan: Plan, what: str, spoiled: bytes, written: Sequence[Recorded], tally: Tally
) -> bool:
    """Whether the damage was found; one that is not must not be one of an event."""
    path = plan.folder / "spoiled.db"
    for left in plan.folder.glob("spoiled.db*"):
        left.unlink()
    path.write_bytes(spoiled)
    found = await asyncio.to_thread(verified, f"{SQLITE}{path}", plan.folder)
    if "fell" in found:
        tally.findings.append(Finding(FELL, f"{what}: {found['fell']}"))
        return False
    if found["intact"] and await _read(path) != written:
        tally.findings.append(Finding(UNSEEN, what))
    return not found["intact"]


async def _read(path: Path) -> Sequence[Recorded]:
    async with opened(f"{SQLITE}{path}", reads_only=True) as log:
        try:
            return await log.events(0, ALL)
        except OpenDoorError:
            return ()


TRIALS = (
    Trial(
        name=f"log file damaged, {ON_SQLITE}",
        promises="R7",
        method="A seeded bit anywhere in the file is flipped, or its end is missing: `verify` "
        "says so in a sentence, or every event is what was written.",
        run=run,
        short=15,
    ),
)
