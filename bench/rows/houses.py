"""Databases that are ready for intake: migrated, on PostgreSQL or in a folder."""

from contextlib import AsyncExitStack
from pathlib import Path

from bench.context import Bench
from services.intake.service import service
from shared.runtime.preparing import prepare
from shared.runtime.settings import Settings, load_settings
from tests.kit.servers.postgres_process import libpq


async def migrated(bench: Bench, stack: AsyncExitStack, folder: Path) -> Settings:
    """Two new databases of PostgreSQL, the log's and its keys', dropped with the stack."""
    database, keys = new_databases(bench, stack)
    return await _prepared(folder, database, keys)


def new_databases(bench: Bench, stack: AsyncExitStack) -> tuple[str, str]:
    """URLs of two empty databases: a log's and its keys'."""
    url = stack.enter_context(bench.servers.postgres().fresh_databases("log", "keys"))
    return url.replace("{part}", "log"), url.replace("{part}", "keys")


async def migrated_files(folder: Path) -> Settings:
    """The embedded files in a folder."""
    return await _prepared(folder, None, None)


async def _prepared(folder: Path, database: str | None, keys: str | None) -> Settings:
    settings = load_settings(
        environment="development", data_dir=folder, database_url=database, keys_url=keys
    )
    await prepare(service, settings)
    return settings


def scratch(bench: Bench, stack: AsyncExitStack) -> str:
    """`postgresql://...` of an empty database for a peer, dropped with the stack."""
    return libpq(stack.enter_context(bench.servers.postgres().fresh_database()))
