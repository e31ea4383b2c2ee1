"""The kit's PostgreSQL: each test has its own database, and a crash loses nothing."""

import asyncpg
import psycopg

from tests.kit.servers.postgres import PostgresServer
from tests.kit.servers.postgres_process import OwnPostgres, libpq, version_at


def say(url: str, statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(libpq(url), autocommit=True) as connection:
        cursor = connection.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []


async def test_it_answers_with_a_version_from_the_floor_on(
    postgres_server: PostgresServer, postgres_url: str
) -> None:
    assert postgres_url.startswith("postgresql+asyncpg://")
    connection = await asyncpg.connect(libpq(postgres_url))
    try:
        answer = await connection.fetchval("SELECT version()")
    finally:
        await connection.close()
    assert answer.startswith(f"PostgreSQL {postgres_server.version}")
    assert int(postgres_server.version.split(".")[0]) >= 15


def test_each_database_is_empty_and_goes_away(postgres_server: PostgresServer) -> None:
    with postgres_server.fresh_database() as one, postgres_server.fresh_database() as other:
        say(one, "CREATE TABLE mark (n int)")
        assert say(other, "SELECT to_regclass('mark')") == [(None,)]
    assert version_at(one) is None
    assert version_at(postgres_server.admin) == postgres_server.version


def test_a_template_is_built_once_and_copied(postgres_server: PostgresServer) -> None:
    built: list[str] = []

    def build(url: str) -> None:
        built.append(url)
        say(url, "CREATE TABLE mark AS SELECT 7 AS n")

    names = {postgres_server.template("kit_mark", build) for _ in range(2)}
    assert len(built) == 1
    with postgres_server.fresh_database(names.pop()) as copy:
        assert say(copy, "SELECT n FROM mark") == [(7,)]


def test_a_crashed_server_comes_back_with_what_it_promised(own_postgres: OwnPostgres) -> None:
    admin = own_postgres.admin
    assert say(admin, "SHOW fsync") == [("on",)]
    assert say(admin, "SHOW timezone") == [("UTC",)]
    say(admin, "CREATE TABLE mark AS SELECT 7 AS n")
    own_postgres.crash()
    assert version_at(own_postgres.admin) is None
    own_postgres.start()
    assert say(admin, "SELECT n FROM mark") == [(7,)]
