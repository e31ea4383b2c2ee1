"""Assurance's fixture: the service alone, living."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.assurance.world import World, living_world


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with living_world(tmp_path) as made:
        yield made
