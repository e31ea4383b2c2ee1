"""Copies of SQLite files that a process goes on writing: several, all as of one moment."""

import hashlib
import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

from shared.log.sqlite_errors import our_names
from shared.log.sqlite_files import BUSY_SECONDS

PAGES = 2_048
"""Pages of 4 KiB copied between two words on how far it is."""
CHUNK = 1 << 20

Progress = Callable[[int, int], None]
"""Told (pages done, pages in all)."""


@contextmanager
def at_one_moment(paths: Sequence[Path]) -> Iterator[list[sqlite3.Connection]]:
    """A connection on each file, reading it as all stood at one moment: their writers wait until
    the last snapshot is taken, some milliseconds. Taken one after another, a reader's cursor in
    one copy could lie beyond what another copy tells. Raises Unavailable, Broken."""
    with our_names(), ExitStack() as readers:
        found = [readers.enter_context(closing(_connect(one))) for one in paths]
        with ExitStack() as writers:
            for path in paths:
                held = writers.enter_context(closing(_connect(path)))
                held.execute("BEGIN IMMEDIATE")
            for reader in found:
                reader.execute("BEGIN")
                reader.execute("SELECT count(*) FROM sqlite_master").fetchone()
        yield found


def _connect(path: Path) -> sqlite3.Connection:
    """As it is: a file keeps the modes that its owner gave it."""
    return sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)


def copy(source: sqlite3.Connection, target: Path, progress: Progress = lambda *_: None) -> None:
    """Writes what the connection reads into a new file, whole by itself (no -wal beside it) and
    on the disk. Raises Unavailable, Broken."""
    with our_names(), closing(sqlite3.connect(target)) as copied:
        source.backup(
            copied, pages=PAGES, progress=lambda _, left, total: progress(total - left, total)
        )
        copied.execute("PRAGMA journal_mode = DELETE")
    sync(target)


def sync(path: Path) -> None:
    """Returns once the file or folder is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sha256(path: Path) -> str:
    """The digest of a file's bytes, hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as held:
        while chunk := held.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
