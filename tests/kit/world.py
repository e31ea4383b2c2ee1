"""A world: the three services as people meet them over HTTP, embedded in this process."""

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

import httpx

from services.__main__ import load_services
from services.demonstration.player import Player
from shared.kernel.clock import SettableClock
from shared.kernel.ids import CountedIds
from shared.runtime.settings import Settings, load_settings
from shared.runtime.storytelling import Stage, set_stage
from tests.kit.serving import served

SECRET = b"a secret of the tests, long enough to be one"


class World(Player):
    """A player whose stage a test may look behind: its clock, engines and files."""

    stage: Stage
    settings: Settings


@asynccontextmanager
async def embedded_world(folder: Path, at: datetime, **more: object) -> AsyncIterator[World]:
    """The embedded default in `folder`, where it is `at` until the test says otherwise; `more`
    are further settings."""
    given = {"synthetic": True, **more}
    settings = load_settings(environment="development", data_dir=folder, **given)
    clock = SettableClock(at)
    numbers = itertools.count(1)
    async with (
        set_stage(load_services(), settings, clock, ids=CountedIds(SECRET)) as stage,
        served(stage.host) as url,
        httpx.AsyncClient(base_url=url, timeout=30) as client,
    ):
        world = World(client, stage.token, stage.settle, stage.at, lambda: f"key-{next(numbers)}")
        world.stage, world.settings = stage, settings
        yield world
