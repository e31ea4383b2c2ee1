"""A service's SQLite file: how it is opened, and that one process alone writes it."""

import fcntl
import sqlite3
from pathlib import Path
from typing import IO

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import StaticPool

from shared.kernel.errors import Misconfigured
from shared.log.sqlite_errors import our_names

BUSY_SECONDS = 5.0

_PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA temp_store = MEMORY",
    "PRAGMA cache_size = -16384",
    "PRAGMA journal_size_limit = 67108864",
)


def connect(path: Path, *, reads_only: bool = False, synced: bool = True) -> sqlite3.Connection:
    """A connection in autocommit, in WAL mode, every commit synced. Threads may hand it on.
    Raises Unavailable, Broken."""
    with our_names():
        db = sqlite3.connect(
            path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        try:
            for pragma in (*_PRAGMAS, f"PRAGMA query_only = {int(reads_only)}"):
                db.execute(pragma)
        except BaseException:
            db.close()
            raise
    return db


def alchemy(db: sqlite3.Connection, *, begins: bool = True) -> Connection:
    """SQLAlchemy's connection over the same driver connection. To begin takes the write lock;
    with `begins=False` each statement stands alone."""
    engine: Engine = create_engine("sqlite://", creator=lambda: db, poolclass=StaticPool)
    if begins:
        event.listen(engine, "begin", _take_write_lock)
    return engine.connect()


def _take_write_lock(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def lock(path: Path) -> IO[bytes]:
    """Holds `<path>.lock` until the answer is closed. Raises Misconfigured when another process
    (or another writer of this one) holds it: two writers of one file starve each other."""
    path.parent.mkdir(parents=True, exist_ok=True)
    held = path.with_name(f"{path.name}.lock").open("ab")
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        held.close()
        raise Misconfigured(
            f"{path.name} is in use by another Open Door process; stop it first."
        ) from None
    return held
