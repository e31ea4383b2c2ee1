"""`python -m bench`: measures, and writes the page; `--long` for the rows over millions."""

import argparse
import asyncio
import signal
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from bench.bars import judged
from bench.contestant import Failed
from bench.context import Bench, Steps
from bench.machine import machine, versions
from bench.names import LONG as LONG_ROW
from bench.page import FOLDER, pages
from bench.results import Results, as_json, read
from bench.rows.every import ROWS, Row
from bench.servers import servers

ROOT = Path(__file__).parents[1]
LATEST = Path("var") / "bench" / "latest.json"
LONG = Path("var") / "bench" / "long.json"
KEPT = Path(FOLDER) / "figures.json"
LONG_COMMAND = "make bench-long"
TOLD_TO_END = 143
LIMIT, LONG_LIMIT = 14 * 60.0, 3 * 3_600.0


def arguments(told: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--long", action="store_true", help="the rows over millions of events")
    parser.add_argument("--only", nargs="+", metavar="ROW", help="these rows, without the page")
    parser.add_argument("--rounds", type=int, default=5, help="samples of each figure")
    parser.add_argument("--pace", type=float, default=1.0, help="length of samples, as a factor")
    parser.add_argument("--page", action="store_true", help="write the page anew, measure nothing")
    parser.add_argument("--limit", type=float, default=None, help="seconds after which it ends")
    asked = parser.parse_args(told)
    asked.limit = asked.limit or (LONG_LIMIT if asked.long else LIMIT)
    return asked


def chosen(asked: argparse.Namespace) -> list[Row]:
    """The rows that are asked for, in their order."""
    rows = [one for one in ROWS if one.long == asked.long]
    if not asked.only:
        return rows
    return [one for one in ROWS if one.name in asked.only]


async def measure(rows: Sequence[Row], asked: argparse.Namespace, results: Results) -> bool:
    """Fills the results row by row, within `limit` seconds; whether each row went well. A row that
    fails, or has no time left, is told as not measured, and the others go on."""
    loop = asyncio.get_running_loop()
    task = asyncio.current_task()
    assert task is not None
    loop.add_signal_handler(signal.SIGTERM, task.cancel)
    over = loop.time() + asked.limit
    steps = Steps(sum(one.seconds for one in rows))
    well = True
    with servers() as started, steps.shown():
        bench = Bench(
            servers=started, results=results, steps=steps, rounds=asked.rounds, pace=asked.pace
        )
        for row in rows:
            steps.says(row.title)
            well &= await run_row(row, bench, over - loop.time())
        results.settings |= started.settings()
        results.versions |= started.versions()
    return well


async def run_row(row: Row, bench: Bench, left: float) -> bool:
    """Whether the row was measured within the seconds that are left."""
    try:
        async with asyncio.timeout(left):
            await row.run(bench)
    except TimeoutError as error:
        why = str(error) or "it was cut off"
        bench.missing(row.name, row.title, f"no time was left for it: {why}")
    except Failed as error:
        bench.missing(row.name, row.title, error.last)
    except Exception as error:  # whatever befalls one row, the others are measured
        why = f"{type(error).__name__}: {error}"
        bench.missing(row.name, row.title, why.partition("\n")[0])
    else:
        return True
    return False


def main(told: Sequence[str]) -> int:
    """The exit status: 1 where a row could not be measured, 143 after SIGTERM; a bar that does not
    hold is told, and is no failure of the run."""
    asked = arguments(told)
    if asked.page:
        write_page(read(ROOT / KEPT))
        return 0
    results = Results(
        began=datetime.now(UTC).isoformat(timespec="seconds"),
        command=LONG_COMMAND if asked.long else "make bench",
        machine=machine(),
        versions=versions(),
    )
    began = time.monotonic()
    try:
        well = asyncio.run(measure(chosen(asked), asked, results))
    except asyncio.CancelledError:
        print("It was told to end before its time; nothing is written.", file=sys.stderr)
        return TOLD_TO_END
    results.seconds = round(time.monotonic() - began, 1)
    path = ROOT / (LONG if asked.long else LATEST)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(as_json(results, judged(results)), encoding="utf-8")
    if not asked.only:
        write_page(together(results))
    say(results)
    return 0 if well else 1


def together(results: Results) -> Results:
    """The newest run of each kind: a short one keeps the figures of the last long one beside it,
    and a long one gives its own to the last short one."""
    kept = ROOT / KEPT
    if not kept.exists():
        return results
    before = read(kept)
    long, short = (results, before) if results.command == LONG_COMMAND else (before, results)
    short.figures = [one for one in short.figures if one.row != LONG_ROW]
    short.figures += [one for one in long.figures if one.row == LONG_ROW]
    short.unmeasured = [one for one in short.unmeasured if one.row != LONG_ROW]
    short.unmeasured += [one for one in long.unmeasured if one.row == LONG_ROW]
    return short


def write_page(results: Results) -> None:
    """The page, its pictures, and the figures that they show."""
    made = {**pages(results), str(KEPT): as_json(results, judged(results))}
    for name, text in made.items():
        (ROOT / name).parent.mkdir(parents=True, exist_ok=True)
        (ROOT / name).write_text(text, encoding="utf-8")


def say(results: Results) -> None:
    """Each bar in a line, on standard output, and what could not be measured."""
    for one in judged(results):
        said = {True: "holds", False: "DOES NOT HOLD", None: "not measured"}[one["holds"]]
        value = "" if one["value"] is None else f"{one['value']:.3g} "
        print(f"{said:14} {one['name']}: {value}({one['sense']} {one['bar']:g} {one['unit']})")
    for gone in results.unmeasured:
        print(f"not measured   {gone.name}, because {gone.why}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
