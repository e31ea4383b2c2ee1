"""The bridge for libraries' own logs: warnings and worse, without the values they quote."""

import logging
import re
from collections.abc import Iterable

import structlog

from shared.telemetry.errors import name_of

SPEAKING = ("aiokafka", "alembic", "asyncio", "asyncpg", "httpx", "kafka", "sqlalchemy", "uvicorn")
"""Libraries whose own sentences are kept; of others only the place is told."""

SILENT = ("uvicorn.access", "httpx", "httpcore")
"""Loggers that name addresses and paths of every request."""

QUIET = 60.0
"""Seconds in which a library's same sentence is told once: a client of a server that is gone says
it at each try, many times a second."""
_REMEMBERED = 500

_SAFE = re.compile(r"[A-Za-z0-9_.:/-]{1,80}\Z")


def listen() -> None:
    """Makes the bridge the only handler of the root logger; again changes nothing."""
    root = logging.getLogger()
    ours = (logging.StreamHandler, _Bridge)
    root.handlers[:] = [*(one for one in root.handlers if type(one) not in ours), _Bridge()]
    root.setLevel(logging.WARNING)
    for name in SILENT:
        logging.getLogger(name).setLevel(logging.CRITICAL)


class _Bridge(logging.Handler):
    """Hands each record on as the line `library`."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.addFilter(_is_worth_a_line)
        self._said: dict[tuple[str, int], tuple[float, int]] = {}

    def emit(self, record: logging.LogRecord) -> None:
        repeats = self._repeats(record)
        if repeats is None:
            return
        speaks = record.name.split(".")[0] in SPEAKING
        logger = structlog.get_logger(record.name)
        say = logger.error if record.levelno >= logging.ERROR else logger.warning
        say(
            "library",
            library=record.name,
            place=f"{record.module}:{record.funcName}:{record.lineno}",
            text=_template(record) if speaks else None,
            values=_safe_values(record.args) if speaks else None,
            repeats=repeats or None,
            exc_info=record.exc_info,
        )

    def _repeats(self, record: logging.LogRecord) -> int | None:
        """How often a line of the same place was left out since one was told; None where this one
        is to be left out. One with an error is always told."""
        if record.exc_info:
            return 0
        said = record.name, record.lineno
        at, left_out = self._said.get(said, (float("-inf"), 0))
        if record.created - at < QUIET:
            self._said[said] = at, left_out + 1
            return None
        if len(self._said) >= _REMEMBERED:
            self._said.clear()
        self._said[said] = record.created, 0
        return left_out


def _template(record: logging.LogRecord) -> str:
    """The sentence as it stands in the library's code, its gaps unfilled."""
    return record.msg if isinstance(record.msg, str) else type(record.msg).__name__


def _safe_values(args: object) -> list[int | float | str] | None:
    """Numbers and single words of what fills the gaps; anything longer may be somebody's text."""
    given: Iterable[object] = args if isinstance(args, tuple) else ()
    values = [one if isinstance(one, int | float) else str(one) for one in given]
    kept = [one for one in values if not isinstance(one, str) or _SAFE.match(one)]
    return kept or None


def _is_worth_a_line(record: logging.LogRecord) -> bool:
    """A client that went away is no fault of ours; the framework tells it with a traceback."""
    error = record.exc_info[1] if record.exc_info else None
    return error is None or not all(_is_departure(one) for one in _leaves(error))


def _leaves(error: BaseException) -> list[BaseException]:
    if not isinstance(error, BaseExceptionGroup):
        return [error]
    return [leaf for one in error.exceptions for leaf in _leaves(one)]


def _is_departure(error: BaseException) -> bool:
    return name_of(error) == "starlette.requests.ClientDisconnect"
