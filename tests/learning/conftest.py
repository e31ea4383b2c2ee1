"""Learning's fixtures: the service alone, living."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.learning.world import World, living_world


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """On SQLite in a scratch folder."""
    async with living_world(tmp_path) as made:
        yield made


@pytest.fixture
async def postgres_world(tmp_path: Path, postgres_url: str) -> AsyncIterator[World]:
    """On a real PostgreSQL."""
    async with living_world(tmp_path, postgres_url) as made:
        yield made
