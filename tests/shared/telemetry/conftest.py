"""Logs of a test: set up on a stream of its own, and everything put back afterwards."""

import io
from collections.abc import Callable, Iterator
from typing import Any

import orjson
import pytest

from shared.telemetry.logs import configure_logs
from tests.kit.logging import logging_put_back

Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def untouched() -> Iterator[None]:
    """Gives back the logging that stood before."""
    with logging_put_back():
        yield


@pytest.fixture
def lines(untouched: None) -> Lines:
    """The lines logged so far, as objects."""
    stream = io.StringIO()
    configure_logs(service="intake", process="api", stream=stream)
    return lambda: [orjson.loads(line) for line in stream.getvalue().splitlines()]
