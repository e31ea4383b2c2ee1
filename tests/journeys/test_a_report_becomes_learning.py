"""The whole road over HTTP: embedded, and on real PostgreSQL and Kafka in real processes."""

from datetime import UTC, datetime
from pathlib import Path

from tests.journeys.walks import walk_2018, walk_2023
from tests.kit.world import embedded_world


async def test_2018_embedded(tmp_path: Path) -> None:
    async with embedded_world(tmp_path, datetime(2018, 12, 19, 9, tzinfo=UTC)) as world:
        await walk_2018(world)


async def test_2023_embedded(tmp_path: Path) -> None:
    async with embedded_world(tmp_path, datetime(2023, 11, 14, 9, tzinfo=UTC)) as world:
        await walk_2023(world)
