"""PostgreSQL's failures by our names."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import asyncpg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from shared.kernel.errors import Broken, Misconfigured, OpenDoorError, Unavailable

T = TypeVar("T")

_GONE = "The database cannot be reached or is too busy; try again."

_CLASSES = {
    "08": _GONE,  # connection lost
    "25": "The database is read-only at the moment; try again.",  # a standby
    "28": "The database does not accept this service's login.",
    "3D": "The database does not exist yet.",
    "40": _GONE,  # rolled back by the server
    "53": "The database has no room or no connection left; try again.",
    "57": _GONE,  # shutting down, starting up, cancelled
    "58": "The database's disk fails; try again.",
}
"""Classes of SQLSTATE after which the very same call may be made again."""

_CODES: dict[str, tuple[type[OpenDoorError], str]] = {
    "OD001": (Broken, "The database's clock is more than five minutes ahead; nothing is recorded."),
    "OD002": (Misconfigured, "The log needs the default isolation level read committed."),
    "OD005": (Broken, "Entries of one append share a version, a request key or a cursor."),
    "XX001": (Broken, "The database's files are damaged; restore it from a backup."),
    "XX002": (Broken, "The database's files are damaged; restore it from a backup."),
    "2BP01": (
        Misconfigured,
        "Something that is not Open Door's depends on its read models: remove that first.",
    ),
    "25P03": (Unavailable, _GONE),  # a transaction stood still for too long
    "55000": (Unavailable, _GONE),  # a database shutting down, seen at connect
    "55P03": (Unavailable, _GONE),  # lock_timeout
    "42P01": (Unavailable, "The database has not been migrated yet."),
    "42883": (Unavailable, "The database has not been migrated yet."),
}

_CUT = (
    asyncpg.AdminShutdownError,
    asyncpg.ConnectionDoesNotExistError,
    asyncpg.ConnectionFailureError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.InvalidCachedStatementError,
    ConnectionResetError,
    BrokenPipeError,
)
"""A connection that had been made was cut, or remembered a table that has changed since."""

_LOST = (*_CUT, OSError, asyncio.TimeoutError, PoolTimeoutError)
"""Failures on the way: the outcome is unknown."""


class Cut(Unavailable):
    """The connection broke; another one may serve at once."""


def named(error: BaseException) -> OpenDoorError | None:
    """Our name for a driver's error, or None where it is a fault in what was sent."""
    cause = _driver_error(error) if isinstance(error, DBAPIError) else error
    if isinstance(cause, OverflowError):
        return Broken("The database holds a time that is none; restore it from a backup.")
    if isinstance(cause, asyncpg.DataError):
        return None
    if isinstance(cause, _CUT):
        return Cut(_GONE)
    code = getattr(cause, "sqlstate", None)
    if isinstance(code, str):
        return _by_code(code)
    if isinstance(cause, _LOST) or (isinstance(error, DBAPIError) and error.connection_invalidated):
        return Unavailable(_GONE)
    return None


def _driver_error(error: DBAPIError) -> BaseException | None:
    """SQLAlchemy wraps twice: its own error, its copy of the driver's, the driver's."""
    copy = error.orig
    return copy.__cause__ or copy if copy is not None else None


def _by_code(code: str) -> OpenDoorError | None:
    if code in _CODES:
        kind, detail = _CODES[code]
        return kind(detail)
    detail = _CLASSES.get(code[:2], "")
    return Unavailable(detail) if detail else None


@contextmanager
def our_names() -> Iterator[None]:
    """Raises Unavailable, Broken or Misconfigured for what the driver raises; a fault in what
    was sent stays what it is."""
    try:
        yield
    except (asyncpg.PostgresError, DBAPIError, OverflowError, *_LOST) as error:
        ours = named(error)
        if ours is None:
            raise
        raise ours from error


async def again_if_cut(read: Callable[[], Awaitable[T]]) -> T:
    """The answer of a read, asked once more where a pooled connection turned out to be dead."""
    try:
        return await read()
    except Cut:
        return await read()
