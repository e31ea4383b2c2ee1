"""Identifiers planted in every free text of three services: none is found outside the seal."""

import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import select

from services.__main__ import load_services
from shared.log.tables import PUBLISHED
from tests.journeys.conftest import NOW
from tests.journeys.logged import Said
from tests.journeys.naming_journey import Naming
from tests.journeys.planting import Planted, free_texts, nhs_number
from tests.kit.world import World, embedded_world

SERVICES = ("intake", "assurance", "learning")


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """What a journey left behind once everything had stopped."""

    folder: Path
    planted: Planted
    covered: dict[type, set[str]]
    told: list[bytes]
    said: str


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def left(said: Said, tmp_path_factory: pytest.TempPathFactory) -> Left:
    folder = tmp_path_factory.mktemp("named")
    async with embedded_world(folder, NOW) as world:
        journey = Naming(world)
        await journey.play()
        told = [one async for one in _told(world)]
        live = {path: path.read_bytes() for path in files(folder)}
    for path, content in live.items():
        (folder / f"{path.name}.while-running").write_bytes(content)
    return Left(
        folder=folder,
        planted=journey.planted,
        covered=journey.covered,
        told=told,
        said=said.text(),
    )


async def _told(world: World) -> AsyncIterator[bytes]:
    """Every contract that a service told, with all that stands beside it."""
    for worker in world.stage.workers.values():
        for row in await worker.engine.log.store.read(select(PUBLISHED)):
            yield b"\n".join(one if isinstance(one, bytes) else str(one).encode() for one in row)


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_every_free_text_of_every_command_was_planted(left: Left):
    missing = {
        f"{command.type.__name__}.{path}"
        for service in load_services()
        for command in service.commands
        if command.route
        for path in free_texts(command.type)
        if path not in left.covered.get(command.type, ())
    }
    assert not missing


def test_nothing_is_told(left: Left):
    assert len(left.told) > 50
    assert [found for one in left.told if (found := left.planted.found_in(one))] == []


@pytest.mark.parametrize("service", SERVICES)
def test_no_row_of_a_log_or_read_model_holds_any(left: Left, service: str):
    rows = list(_rows(left.folder / f"{service}.db"))
    assert len(rows) > 50
    found = {table: left.planted.found_in(row) for table, row in rows}
    assert {table: one for table, one in found.items() if one} == {}


def _rows(path: Path) -> Iterator[tuple[str, bytes]]:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        tables = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
        for (table,) in tables.fetchall():
            for row in connection.execute(f'SELECT * FROM "{table}"'):  # noqa: S608 - own names
                parts = (one if isinstance(one, bytes) else str(one).encode() for one in row)
                yield table, b"\n".join(parts)


def test_no_byte_of_any_file_holds_any(left: Left):
    """Freed pages and write-ahead logs included, while everything ran and after it had stopped."""
    names = {path.name for path in files(left.folder)}
    wanted = {f"{one}.db" for one in SERVICES} | {f"{one}-keys.db" for one in SERVICES}
    assert wanted <= names
    assert any(name.endswith("-wal.while-running") for name in names)
    found = {path.name: left.planted.found_in(path.read_bytes()) for path in files(left.folder)}
    assert {name: one for name, one in found.items() if one} == {}


def test_no_line_of_any_log_holds_any(left: Left):
    assert left.planted.found_in(left.said.encode()) == []


def test_what_is_published_is_found_so_the_search_does_search(left: Left):
    held = (left.folder / "learning.db").read_bytes()
    assert b"Take the air flowmeter away" in held
    assert left.planted.found_in(f"of LS1 3EX, {nhs_number(1)}".encode()) == [
        "LS1 3EX",
        nhs_number(1),
    ]
