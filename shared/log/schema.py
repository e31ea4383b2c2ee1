"""The log's DDL: what the first migration of every service runs."""

from importlib.resources import files

from sqlalchemy import Connection, text

from shared.log.tables import METADATA

APPEND_ONLY = ("events", "published")
"""Tables that refuse to change or forget a row."""

_LOCK = 0x0DE0
"""The advisory lock that those who change one PostgreSQL database's schema queue for."""

_FUNCTIONS = ("judge_entry", "append_events", "refuse_change")

_POSTGRES_GUARD = """
CREATE OR REPLACE TRIGGER {table}_append_only
BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
"""

_SQLITE_GUARD = """
CREATE TRIGGER IF NOT EXISTS {table}_append_only_{verb} BEFORE {verb} ON {table}
BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END
"""


def create(connection: Connection) -> None:
    """Makes tables, guards and (PostgreSQL) functions; what is there already stays."""
    METADATA.create_all(connection)
    for statement in _guards(connection.dialect.name):
        connection.exec_driver_sql(statement)


def hold_schema(connection: Connection, patience: str = "") -> None:
    """Alone changes the schema until the transaction ends; with `patience` (such as `400ms`) no
    lock is waited for longer. A SQLite file has one writer anyway."""
    if connection.dialect.name == "postgresql":
        if patience:
            connection.execute(
                text("SELECT set_config('lock_timeout', :for, true)"), {"for": patience}
            )
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})


def _guards(dialect: str) -> list[str]:
    if dialect == "sqlite":
        return [
            _SQLITE_GUARD.format(table=table, verb=verb)
            for table in APPEND_ONLY
            for verb in ("UPDATE", "DELETE")
        ]
    functions = [_sql(name) for name in _FUNCTIONS]
    return functions + [_POSTGRES_GUARD.format(table=table) for table in APPEND_ONLY]


def _sql(name: str) -> str:
    return files("shared.log.sql").joinpath(f"{name}.sql").read_text(encoding="utf-8")
