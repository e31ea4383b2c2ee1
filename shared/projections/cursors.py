"""A cursor over the own log, moved by compare-and-set."""

from sqlalchemy import ColumnElement, Connection, and_, update
from sqlalchemy.dialects import postgresql, sqlite

from shared.log.tables import CURSORS
from shared.projections.base import LOG_TOPIC


def move_cursor(connection: Connection, reader: str, source: int, target: int) -> bool:
    """Moves the reader's cursor over the own log from `source` to `target`; False where it stands
    elsewhere, with nothing changed."""
    if step_cursor(connection, reader, source, target):
        return True
    return source == 0 and _begin(connection, reader, target)


def _begin(connection: Connection, reader: str, target: int) -> bool:
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    first = dialect.insert(CURSORS).values(reader=reader, topic=LOG_TOPIC, partition=0, n=target)
    return connection.execute(first.on_conflict_do_nothing()).rowcount == 1


def step_cursor(connection: Connection, reader: str, source: int, target: int) -> bool:
    """As `move_cursor`, of a reader whose cursor was made with it: one that is gone stays so."""
    here = and_(_here(reader), CURSORS.c.n == source)
    return connection.execute(update(CURSORS).where(here).values(n=target)).rowcount == 1


def _here(reader: str) -> ColumnElement[bool]:
    return and_(CURSORS.c.reader == reader, CURSORS.c.topic == LOG_TOPIC, CURSORS.c.partition == 0)
