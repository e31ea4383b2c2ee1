"""A read model from the first event on, beside a library's replay."""

from collections.abc import Mapping
from contextlib import AsyncExitStack
from typing import Any

from bench.contestant import contestant
from bench.context import Bench
from bench.names import POSTGRES, REBUILD, REPLAY, REPLAY_ROWS, SQLITE
from bench.results import Figure
from bench.rows.houses import new_databases, scratch

REPORTS = 5_000


async def rebuild(bench: Bench) -> None:
    """Each is filled at its start, and then goes through all of it again and again."""
    async with AsyncExitStack() as stack:
        folder = bench.servers.folder("rebuild")
        database, keys = new_databases(bench, stack)
        reports = {"reports": REPORTS}
        postgres = {"folder": str(folder / "pg"), "database": database, "keys": keys, **reports}
        told: dict[str, tuple[str, Mapping[str, Any]]] = {
            POSTGRES: ("rebuild", postgres),
            SQLITE: ("rebuild", {"folder": str(folder / "sqlite"), **reports}),
            REPLAY: ("replay", {"url": scratch(bench, stack), "rows": False, **reports}),
            REPLAY_ROWS: ("replay", {"url": scratch(bench, stack), "rows": True, **reports}),
        }
        (folder / "pg").mkdir()
        (folder / "sqlite").mkdir()
        contestants = [
            await stack.enter_async_context(contestant(kind, name, how, folder))
            for name, (kind, how) in told.items()
        ]
        for (name, _), samples in (await bench.in_turn(contestants, 2, (1,))).items():
            rates = tuple(round(one.rate, 1) for one in samples)
            bench.add(Figure(row=REBUILD, name=name, unit="events/s", samples=rates))
