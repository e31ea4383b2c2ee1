"""A PostgreSQL of one's own: started from given programs, stopped, crashed, started again."""

import os
import re
import secrets
import shutil
import signal
import sys
from pathlib import Path

import psycopg

from tests.kit.servers.postgres_binaries import last_words, run_as, unprivileged
from tests.kit.servers.process import ServerFailedError, ServerProcess, free_port

SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "300",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
CARELESS = {"fsync": "off", "full_page_writes": "off"}
STARTS = 3
DRIVER = "postgresql+asyncpg"


class OwnPostgres:
    """A server from given binaries, to be stopped, crashed and started again on its data."""

    def __init__(
        self, binaries: Path, folder: Path, *, fsync: bool = False, lifeline: Path | None = None
    ) -> None:
        self._binaries = binaries
        self._folder = folder
        self._account = unprivileged()
        self._password = secrets.token_hex(12)
        self._fsync = fsync
        self._lifeline = lifeline
        self._process: ServerProcess | None = None
        self._port = 0

    @property
    def admin(self) -> str:
        """`postgresql://...`, as its superuser."""
        return f"postgresql://postgres:{self._password}@127.0.0.1:{self._port}/postgres"

    @property
    def url(self) -> str:
        """`postgresql+asyncpg://...`: its first database, as the product's settings take it."""
        return self.admin.replace("postgresql:", f"{DRIVER}:", 1)

    def start(self) -> str:
        """Starts it, for the first time on an empty cluster, and returns its version."""
        if not (self._folder / "data").exists():
            self._make_cluster()
        for attempt in range(1, STARTS + 1):
            self._port = self._port or free_port()
            try:
                return self._launch()
            except ServerFailedError as failed:
                # Another program took the port, or a crashed server's processes are still going.
                passing = re.search("already in use|still in use|could not bind", str(failed))
                if not passing or attempt == STARTS:
                    raise
                self._port = self._port if self._fresh_log_says_in_use() else 0
        raise AssertionError("unreachable")

    def copied(self, folder: Path) -> "OwnPostgres":
        """A base backup of it, taken while it runs, as another server that is not started yet."""
        other = OwnPostgres(self._binaries, folder, fsync=self._fsync, lifeline=self._lifeline)
        other._password = self._password
        if self._account:
            os.chown(folder, *self._account)
        command = [str(self._binaries / "pg_basebackup"), "--dbname", self.admin]
        command += ["--pgdata", str(folder / "data"), "--wal-method=stream", "--checkpoint=fast"]
        said = run_as(self._account, command, folder)
        if said.returncode:
            raise ServerFailedError(f"pg_basebackup said: {last_words(said)}")
        return other

    def stop(self) -> None:
        """Ends it in order: clients are cut off, everything is written."""
        self._end(signal.SIGINT)

    def crash(self) -> None:
        """Ends it at once: the next start recovers from the write-ahead log."""
        self._end(signal.SIGQUIT)

    def close(self) -> None:
        """Ends it and removes its data."""
        self._end(signal.SIGQUIT)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _end(self, how: signal.Signals) -> None:
        if self._process:
            self._process.stop(how)

    def _fresh_log_says_in_use(self) -> bool:
        return self._process is not None and "still in use" in self._process.tail()

    def _launch(self) -> str:
        settings = {**SETTINGS, **({} if self._fsync else CARELESS), "port": str(self._port)}
        command = [str(self._binaries / "postgres"), "-D", str(self._folder / "data")]
        command += [f"--{key}={value}" for key, value in settings.items()]
        self._process = ServerProcess(
            "PostgreSQL",
            command,
            folder=self._folder,
            end=signal.SIGQUIT,
            lifeline=self._lifeline,
            account=self._account,
        )
        return self._process.start(lambda: version_at(self.admin), within=30)

    def _make_cluster(self) -> None:
        secret = self._folder / "password"
        secret.write_text(self._password)
        if self._account:
            for path in (self._folder, secret):
                os.chown(path, *self._account)
        locale = "en_US.UTF-8" if sys.platform == "darwin" else "C.UTF-8"
        command = [
            str(self._binaries / "initdb"),
            "-D",
            str(self._folder / "data"),
            "-U",
            "postgres",
        ]
        command += [
            "--auth=password",
            f"--pwfile={secret}",
            "--encoding=UTF8",
            f"--locale={locale}",
        ]
        said = run_as(self._account, [*command, "--no-sync"], self._folder)
        if said.returncode:
            raise ServerFailedError(f"initdb said: {last_words(said)}")


def version_at(url: str) -> str | None:
    """The version of the server that answers at `url`, None while none does."""
    try:
        with psycopg.connect(libpq(url), connect_timeout=5) as connection:
            row = connection.execute("SHOW server_version").fetchone()
    except psycopg.OperationalError:
        return None
    assert row
    return str(row[0]).split()[0]


def libpq(url: str) -> str:
    """The same URL without the name of a Python driver, as PostgreSQL's own clients take it."""
    return re.sub(r"^postgres(?:ql)?(?:\+\w+)?:", "postgresql:", url)
