"""What journeys share: a world for a whole module, its doors, and what the process says."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime

import pytest
import pytest_asyncio

from tests.journeys.doors import Doors
from tests.journeys.logged import Said, listening
from tests.kit.world import World, embedded_world

NOW = datetime(2018, 12, 19, 9, tzinfo=UTC)


@pytest.fixture(scope="module")
def said() -> Iterator[Said]:
    """What the process says from the module's first test on."""
    with listening() as heard:
        yield heard


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(said: Said, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """The three services embedded, on 19 December 2018, shared by the tests of a module."""
    async with embedded_world(tmp_path_factory.mktemp("world"), NOW) as made:
        yield made


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def doors(world: World, said: Said) -> Doors:
    return Doors(world, said)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What may take longest begins first, so that no worker waits for it at the end."""
    items.sort(key=lambda item: -_allowed(item))


def _allowed(item: pytest.Item) -> float:
    mark = item.get_closest_marker("timeout")
    return float(mark.args[0]) if mark else 0.0
