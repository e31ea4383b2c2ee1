"""Logs of a test: set up on a stream of its own, and everything put back afterwards."""

import io
import logging
from collections.abc import Callable, Iterator
from typing import Any

import orjson
import pytest
import structlog

from shared.telemetry.logs import configure_logs

Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def untouched() -> Iterator[None]:
    """Gives back the logging that stood before."""
    root, loggers = logging.getLogger(), logging.Logger.manager.loggerDict
    handlers, level = list(root.handlers), root.level
    levels = {name: one.level for name, one in loggers.items() if isinstance(one, logging.Logger)}
    settings = structlog.get_config()
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, one in levels.items():
        logging.getLogger(name).setLevel(one)
    structlog.contextvars.clear_contextvars()
    structlog.configure(**settings)


@pytest.fixture
def lines(untouched: None) -> Lines:
    """The lines logged so far, as objects."""
    stream = io.StringIO()
    configure_logs(service="intake", process="api", stream=stream)
    return lambda: [orjson.loads(line) for line in stream.getvalue().splitlines()]
