"""A small service of boxes, served without a socket."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest
from structlog.testing import capture_logs

from shared.kernel.clock import SystemClock
from tests.shared.web.boxes import Boxes, client_of


@pytest.fixture
def boxes() -> Boxes:
    return Boxes(SystemClock())


@pytest.fixture
async def client(boxes: Boxes) -> AsyncIterator[httpx.AsyncClient]:
    """A caller of the boxes with a trust's token."""
    async with client_of(boxes.app()) as client:
        yield client


@pytest.fixture
def log_lines() -> Iterator[list[Any]]:
    """What is logged meanwhile."""
    with capture_logs() as lines:
        yield lines
