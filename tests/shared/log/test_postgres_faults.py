"""What a PostgreSQL server can do to the log, and by which name a caller is told."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import asyncpg
import psycopg
import pytest
from psycopg.sql import SQL, Identifier
from sqlalchemy import make_url, select, text
from sqlalchemy.exc import DBAPIError

from shared.kernel.clock import SystemClock
from shared.kernel.errors import Broken, Misconfigured, OpenDoorError, Unavailable
from shared.log import postgres, schema
from shared.log.appender import Appender
from shared.log.base import Appended
from shared.log.chain import verify
from shared.log.postgres import PostgresLog
from shared.log.postgres_check import refuse_unsafe
from shared.log.postgres_errors import named
from shared.log.tables import EVENTS
from tests.kit.log_entries import already, appended, contract, entry, event, request_key
from tests.kit.servers.postgres_process import OwnPostgres, libpq


@pytest.fixture
async def log(postgres_url: str) -> AsyncIterator[PostgresLog]:
    opened = PostgresLog(postgres_url, SystemClock())
    await opened.store.write(schema.create)
    yield opened
    await opened.close()


@pytest.fixture
def admin(postgres_url: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(libpq(postgres_url), autocommit=True) as connection:
        yield connection


def database(admin: psycopg.Connection) -> Identifier:
    return Identifier(admin.info.dbname)


TERMINATE = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
 WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


async def test_a_connection_that_was_cut_is_unavailable_once(
    log: PostgresLog, admin: psycopg.Connection
):
    told = entry(event(), contracts=(contract(),), key=request_key())
    await log.append([told])
    await log.store.read(select(EVENTS.c.position))
    admin.execute(TERMINATE)
    outcomes = []
    for _ in range(3):
        try:
            outcomes += await log.append([told])
        except Unavailable:
            continue
    assert outcomes
    already(outcomes[0])
    assert (await verify(log)).position == 1


async def test_an_appender_rides_out_cut_connections(log: PostgresLog, admin: psycopg.Connection):
    appender = Appender(log, patience=60)
    progress = asyncio.Event()
    appender.on_appended(progress.set)
    written = [0, 0, 0, 0]
    cutting = True

    async def write(writer: int) -> None:
        while cutting:
            version = written[writer] = written[writer] + 1
            one = entry(
                event(f"s-{writer}", version),
                contracts=(contract(partition=writer),),
                key=request_key(f"{writer}-{version}"),
            )
            assert isinstance(await appender.append(one), Appended)

    writers = [asyncio.create_task(write(writer)) for writer in range(4)]
    for _ in range(8):
        progress.clear()
        await progress.wait()
        await asyncio.to_thread(admin.execute, TERMINATE)
    cutting = False
    await asyncio.gather(*writers)
    await appender.stop()
    assert (await verify(log)).position == sum(written)
    for partition, count in enumerate(written):
        series = await log.published("told.v1", partition, 0, 9_999)
        assert [one.n for one in series] == list(range(1, count + 1))
        stream = await log.stream(f"s-{partition}")
        assert [one.version for one in stream] == list(range(1, count + 1))


async def test_a_read_takes_another_connection_where_one_was_cut(
    log: PostgresLog, admin: psycopg.Connection
):
    await log.append([entry(event())])
    for _ in range(5):
        await log.store.read(select(EVENTS.c.position))
        admin.execute(TERMINATE)
        assert (await log.head()).position == 1
        admin.execute(TERMINATE)
        assert len(await log.store.read(select(EVENTS.c.position))) == 1


async def test_a_read_survives_a_table_that_changed_its_form(
    log: PostgresLog, admin: psycopg.Connection
):
    await log.append([entry(event())])
    everything = text("SELECT * FROM events")
    assert len((await log.store.read(everything))[0]) == 10
    admin.execute("ALTER TABLE events ADD COLUMN later integer")
    assert len((await log.store.read(everything))[0]) == 11


async def test_a_lock_that_is_not_given_is_unavailable(log: PostgresLog, admin: psycopg.Connection):
    function = await _signature(log)
    admin.execute(SQL("ALTER FUNCTION {} SET lock_timeout = '50ms'").format(SQL(function)))
    with admin.transaction():
        admin.execute("SELECT pg_advisory_xact_lock(1)")
        with pytest.raises(Unavailable):
            await log.append([entry(event())])
    appended((await log.append([entry(event())]))[0])


async def _signature(log: PostgresLog) -> str:
    rows = await log.store.read(
        text("SELECT oid::regprocedure::text FROM pg_proc WHERE proname = 'append_events'")
    )
    return str(rows[0][0])


async def test_the_lock_is_waited_for_five_seconds(log: PostgresLog):
    rows = await log.store.read(
        text("SELECT unnest(proconfig) FROM pg_proc WHERE proname = 'append_events'")
    )
    assert ("lock_timeout=5s",) in [tuple(row) for row in rows]


async def test_a_caller_that_is_cancelled_leaves_the_append_running(
    log: PostgresLog, admin: psycopg.Connection
):
    await log.head()
    with admin.transaction():
        admin.execute("SELECT pg_advisory_xact_lock(1)")
        leaving = asyncio.create_task(log.append([entry(event("a"))]))
        while not await asyncio.to_thread(_waiting, admin):
            continue
        leaving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await leaving
    appended((await log.append([entry(event("b"))]))[0])
    assert [one.stream for one in await log.events(0, 9)] == ["a", "b"]


def _waiting(admin: psycopg.Connection) -> bool:
    return admin.execute("SELECT FROM pg_locks WHERE NOT granted").fetchone() is not None


async def test_another_isolation_level_is_refused(
    log: PostgresLog, admin: psycopg.Connection, postgres_url: str
):
    admin.execute(
        SQL("ALTER DATABASE {} SET default_transaction_isolation = 'repeatable read'").format(
            database(admin)
        )
    )
    fresh = PostgresLog(postgres_url, SystemClock())
    with pytest.raises(Misconfigured, match="read committed"):
        await fresh.append([entry(event())])
    with pytest.raises(Misconfigured, match="default_transaction_isolation is repeatable read"):
        refuse_unsafe(await fresh.settings(), durable=False)
    await fresh.close()


async def test_one_bad_entry_does_not_fail_the_others(log: PostgresLog):
    appender = Appender(log)
    outcomes = await asyncio.gather(
        appender.append(entry(event("a"))),
        appender.append(entry(event("b\x00"))),
        appender.append(entry(event("c", 2**70))),
        appender.append(entry(event("d\udfff"))),
        appender.append(entry(event("e"))),
        return_exceptions=True,
    )
    assert [isinstance(one, Exception) for one in outcomes] == [False, True, True, True, False]
    assert not [one for one in outcomes if isinstance(one, OpenDoorError)]
    assert [one.stream for one in await log.events(0, 9)] == ["a", "e"]


async def test_a_database_without_tables_is_not_migrated_yet(postgres_url: str):
    empty = PostgresLog(postgres_url, SystemClock())
    for asking in (
        empty.head(),
        empty.append([entry(event())]),
        empty.store.read(select(EVENTS)),
    ):
        with pytest.raises(Unavailable, match="migrated"):
            await asking
    await empty.close()


async def test_a_database_that_does_not_exist_is_unavailable(postgres_url: str):
    absent = PostgresLog(f"{postgres_url}_absent", SystemClock())
    for asking in (absent.head(), absent.store.read(select(1))):
        with pytest.raises(Unavailable, match="not exist"):
            await asking
    await absent.close()


async def test_a_server_that_stops_and_comes_back(own_postgres: OwnPostgres):
    log = PostgresLog(own_postgres.url, SystemClock())
    await log.store.write(schema.create)
    refuse_unsafe(await log.settings())
    told = entry(event(), contracts=(contract(),), key=request_key())
    appended((await log.append([told]))[0])
    own_postgres.stop()
    for asking in (log.append([told]), log.head(), log.store.read(select(EVENTS))):
        with pytest.raises(Unavailable):
            await asking
    own_postgres.start()
    assert (await log.head()).position == 1
    already((await log.append([told]))[0])
    await log.close()


class Swallowing:
    """A proxy in front of a server that can swallow what the server answers."""

    def __init__(self, host: str, port: int) -> None:
        self._target = host, port
        self.swallows = False
        self.swallowed = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> "Swallowing":
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *gone: object) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, inner: asyncio.StreamReader, outer: asyncio.StreamWriter) -> None:
        reader, writer = await asyncio.open_connection(*self._target)
        for source, sink, answers in ((inner, writer, False), (reader, outer, True)):
            self._tasks.add(asyncio.create_task(self._pass_on(source, sink, answers)))

    async def _pass_on(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, answers: bool
    ) -> None:
        try:
            while data := await source.read(65_536):
                if answers and self.swallows:
                    self.swallowed.set()
                else:
                    sink.write(data)
        finally:
            sink.close()


async def test_a_network_that_swallows_the_answer(
    log: PostgresLog, postgres_url: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(postgres, "ANSWER_SECONDS", 1)
    url = make_url(postgres_url)
    told = entry(event(), contracts=(contract(),), key=request_key())
    async with Swallowing(url.host or "", url.port or 0) as proxy:
        through = url.set(host="127.0.0.1", port=proxy.port)
        far = PostgresLog(through.render_as_string(hide_password=False), SystemClock())
        appended((await far.append([entry(event("first"))]))[0])
        proxy.swallows = True
        with pytest.raises(Unavailable):
            await far.append([told])
        assert proxy.swallowed.is_set()
        proxy.swallows = False
        already((await far.append([told]))[0])
        await far.close()
    assert (await log.head()).position == 2


@pytest.mark.parametrize("table", ["events", "published"])
async def test_nothing_is_truncated(log: PostgresLog, table: str):
    with pytest.raises(DBAPIError, match="append-only"):
        await log.store.write(
            lambda connection: connection.execute(text(f"TRUNCATE {table} CASCADE"))
        )


@pytest.mark.parametrize("time", ["20000-01-01", "4000-01-01 BC", "infinity"])
async def test_a_time_that_cannot_be_is_found_where_it_stands(
    log: PostgresLog, admin: psycopg.Connection, time: str
):
    """PostgreSQL's times reach further than Python's; a flipped bit is soon out there."""
    await log.append([entry(event(name)) for name in ("a", "b", "c")])
    admin.execute("SET session_replication_role = replica")
    admin.execute("UPDATE events SET recorded_at = %s::timestamptz WHERE position = 2", [time])
    with pytest.raises(Broken, match="damaged at position 2: "):
        await verify(log)


SAFE = {
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "default_transaction_isolation": "read committed",
}


def test_a_safe_server_is_taken():
    refuse_unsafe(SAFE)
    refuse_unsafe(SAFE | {"synchronous_commit": "remote_apply"})
    refuse_unsafe(SAFE | {"fsync": "off"}, durable=False)


@pytest.mark.parametrize(
    ("name", "setting"),
    [
        ("fsync", "off"),
        ("full_page_writes", "off"),
        ("synchronous_commit", "off"),
        ("default_transaction_isolation", "serializable"),
    ],
)
def test_an_unsafe_server_is_refused(name: str, setting: str):
    with pytest.raises(Misconfigured, match=f"{name} is {setting}"):
        refuse_unsafe(SAFE | {name: setting})
    with pytest.raises(Misconfigured, match=f"{name} is unknown"):
        refuse_unsafe({key: value for key, value in SAFE.items() if key != name})


@pytest.mark.parametrize(
    ("error", "ours"),
    [
        (asyncpg.AdminShutdownError("x"), Unavailable),
        (asyncpg.CannotConnectNowError("x"), Unavailable),
        (asyncpg.ObjectNotInPrerequisiteStateError("x"), Unavailable),
        (asyncpg.ConnectionDoesNotExistError("x"), Unavailable),
        (asyncpg.LockNotAvailableError("x"), Unavailable),
        (asyncpg.DiskFullError("x"), Unavailable),
        (asyncpg.TooManyConnectionsError("x"), Unavailable),
        (asyncpg.InvalidPasswordError("x"), Unavailable),
        (asyncpg.ReadOnlySQLTransactionError("x"), Unavailable),
        (asyncpg.InternalClientError("x"), Unavailable),
        (asyncpg.InterfaceError("x"), Unavailable),
        (ConnectionResetError(), Unavailable),
        (TimeoutError(), Unavailable),
        (asyncpg.DataError("x"), None),
        (asyncpg.UniqueViolationError("x"), None),
        (asyncpg.CharacterNotInRepertoireError("x"), None),
        (asyncpg.DataCorruptedError("x"), Broken),
        (ValueError("x"), None),
    ],
    ids=lambda one: one.__name__ if isinstance(one, type) else type(one).__name__,
)
def test_errors_by_our_names(error: Exception, ours: type[OpenDoorError] | None):
    found = named(error)
    assert isinstance(found, ours) if ours else found is None
