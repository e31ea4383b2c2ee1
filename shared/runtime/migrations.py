"""Brings a service's database to the newest schema, under a lock, safe to repeat."""

from pathlib import Path

from alembic import command, context
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from shared.kernel.errors import Misconfigured
from shared.log.schema import hold_schema


def upgrade(connection: Connection, migrations: Path, to: str = "head") -> str:
    """Runs what is missing, in the caller's transaction, and answers the revision reached.
    Raises Misconfigured when the database is newer than this code."""
    hold_schema(connection)
    config = _config(migrations)
    _refuse_newer(revision(connection), config)
    config.attributes["connection"] = connection
    command.upgrade(config, to)
    return revision(connection) or ""


def revision(connection: Connection) -> str | None:
    """The revision that a database has, None for an empty one."""
    return MigrationContext.configure(connection).get_current_revision()


def newest(migrations: Path) -> str:
    """The revision that this code brings."""
    return ScriptDirectory.from_config(_config(migrations)).get_current_head() or ""


def run_environment() -> None:
    """What every service's `migrations/env.py` does: migrate on the connection it is handed."""
    connection = context.config.attributes["connection"]
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()


def _config(migrations: Path) -> Config:
    config = Config()
    config.set_main_option("script_location", str(migrations))
    config.set_main_option("path_separator", "os")
    return config


def refuse_newer(held: str | None, migrations: Path) -> None:
    """Raises Misconfigured when a database that has this revision is newer than this code."""
    _refuse_newer(held, _config(migrations))


def _refuse_newer(held: str | None, config: Config) -> None:
    known = {one.revision for one in ScriptDirectory.from_config(config).walk_revisions()}
    if held is not None and held not in known:
        raise Misconfigured(
            f"The database has schema {held}, which this version does not know: it is newer. "
            "Run the newer version, or restore a backup."
        )
