"""Everything that the process says while a journey runs: the product's lines, and raw records of
libraries as a process without our logging would print them."""

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from shared.telemetry.logs import configure_logs


class Said:
    """What was said so far, as text."""

    def __init__(self) -> None:
        self._lines = io.StringIO()
        self._raw = io.StringIO()
        self.handler = logging.StreamHandler(self._raw)
        self.handler.setLevel(logging.WARNING)

    @property
    def lines(self) -> io.StringIO:
        """Where the product's own lines go."""
        return self._lines

    def text(self) -> str:
        return self._lines.getvalue() + self._raw.getvalue()


@contextmanager
def listening() -> Iterator[Said]:
    """Listens until the block ends, then puts the logging back that stood before."""
    root, loggers = logging.getLogger(), logging.Logger.manager.loggerDict
    handlers, level = list(root.handlers), root.level
    levels = {name: one.level for name, one in loggers.items() if isinstance(one, logging.Logger)}
    settings = structlog.get_config()
    said = Said()
    configure_logs(service="all", process="up", level="debug", stream=said.lines)
    root.addHandler(said.handler)
    try:
        yield said
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
        for name, one in levels.items():
            logging.getLogger(name).setLevel(one)
        structlog.configure(**settings)
