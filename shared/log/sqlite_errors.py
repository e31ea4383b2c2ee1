"""SQLite's failures by our names."""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError

from shared.kernel.errors import Broken, OpenDoorError, Unavailable

_BUSY = "The database file is busy; try again."
_FULL = "There is no room left for the database; try again later."
_DISK = "The database file cannot be read or written at the moment; try again."
_DAMAGED = "The database file is damaged; restore it from a backup."

_NAMES: Mapping[int, tuple[type[OpenDoorError], str]] = {
    sqlite3.SQLITE_BUSY: (Unavailable, _BUSY),
    sqlite3.SQLITE_LOCKED: (Unavailable, _BUSY),
    sqlite3.SQLITE_FULL: (Unavailable, _FULL),
    sqlite3.SQLITE_IOERR: (Unavailable, _DISK),
    sqlite3.SQLITE_READONLY: (Unavailable, _DISK),
    sqlite3.SQLITE_CANTOPEN: (Unavailable, _DISK),
    sqlite3.SQLITE_NOMEM: (Unavailable, _DISK),
    sqlite3.SQLITE_CORRUPT: (Broken, _DAMAGED),
    sqlite3.SQLITE_NOTADB: (Broken, _DAMAGED),
}
"""By primary result code; nothing was committed."""

_WORDS: Mapping[str, tuple[type[OpenDoorError], str]] = {
    "no such table": (Unavailable, "The database has not been migrated yet."),
    "Could not decode to UTF-8": (Broken, _DAMAGED),
}
"""What has no code of its own."""


def named(error: BaseException) -> OpenDoorError | None:
    """Our name for a driver's error, or None where it is a fault in what was asked."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    for words, (kind, detail) in _WORDS.items():
        if isinstance(cause, sqlite3.Error) and words in str(cause):
            return kind(detail)
    code = getattr(cause, "sqlite_errorcode", None)
    if not isinstance(code, int):
        return None
    found = _NAMES.get(code & 0xFF)
    return found[0](found[1]) if found else None


@contextmanager
def our_names() -> Iterator[None]:
    """Raises Unavailable or Broken for what the driver raises about the file; a fault in what
    was asked stays what it is."""
    try:
        yield
    except (sqlite3.Error, DBAPIError) as error:
        ours = named(error)
        if ours is None:
            raise
        raise ours from error
