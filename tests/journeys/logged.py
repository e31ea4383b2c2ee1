"""Everything that the process says while a journey runs: the product's lines, and raw records of
libraries as a process without our logging would print them."""

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager

from shared.telemetry.logs import configure_logs
from tests.kit.logging import logging_put_back


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
    said = Said()
    with logging_put_back():
        configure_logs(service="all", process="up", level="debug", stream=said.lines)
        logging.getLogger().addHandler(said.handler)
        yield said
