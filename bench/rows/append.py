"""Appends straight to the log, beside the libraries that people would otherwise take."""

from contextlib import AsyncExitStack
from pathlib import Path

from bench.contestant import Contestant, contestant
from bench.context import Bench
from bench.names import APPEND, EVENTSOURCING, MESSAGE_DB, POSTGRES, SQLITE
from bench.peers.message_db import install
from bench.results import figure_of
from bench.rows.houses import migrated, migrated_files, scratch
from services.intake.service import service
from tests.kit.servers.process import UnavailableError

SECONDS = 0.7


async def append(bench: Bench) -> None:
    """Event, contract, attributes and key in one durable commit, at 1 to 128 writers."""
    async with AsyncExitStack() as stack:
        folder = bench.servers.folder("append")
        postgres = (await migrated(bench, stack, folder)).database_url
        sqlite = (await migrated_files(folder)).database_for(service.name)
        told = {
            POSTGRES: ("append", {"url": postgres, "name": "pg"}),
            SQLITE: ("append", {"url": sqlite, "name": "sqlite"}),
            EVENTSOURCING: ("eventsourcing", {"url": scratch(bench, stack)}),
        }
        contestants = [
            await stack.enter_async_context(contestant(kind, name, how, folder))
            for name, (kind, how) in told.items()
        ]
        contestants += await _message_db(bench, stack, folder)
        for (name, _), samples in (await bench.in_turn(contestants, SECONDS)).items():
            bench.add(figure_of(APPEND, name, "appends/s", samples))


async def _message_db(bench: Bench, stack: AsyncExitStack, folder: Path) -> list[Contestant]:
    """Nothing where its package is not to be had; the page then says why."""
    url = scratch(bench, stack)
    try:
        bench.results.versions["message-db"] = install(url)
    except UnavailableError as no:
        bench.missing(APPEND, MESSAGE_DB, str(no))
        return []
    one = contestant("message-db", MESSAGE_DB, {"url": url}, folder)
    return [await stack.enter_async_context(one)]
