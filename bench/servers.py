"""The servers of one run: a PostgreSQL that writes to the disk what it acknowledges, and Kafka."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from tests.kit.servers.kafka import KafkaServer, OwnKafka
from tests.kit.servers.postgres import PostgresServer
from tests.kit.servers.postgres_binaries import first_binaries
from tests.kit.servers.postgres_process import OwnPostgres, libpq
from tests.kit.servers.process import UnavailableError
from tests.kit.servers.run import Controller, Run

DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
TOLD = (*DURABLE, "shared_buffers", "wal_level", "wal_sync_method", "max_connections")


@dataclass(slots=True)
class Servers:
    """What a run has; each server is started when it is first asked for."""

    run: Run
    _postgres: tuple[OwnPostgres, PostgresServer] | None = field(default=None)
    _kafka: tuple[OwnKafka, KafkaServer] | None = field(default=None)

    def folder(self, name: str) -> Path:
        """An empty folder that goes with the run."""
        return self.run.new_folder(name)

    def postgres(self) -> PostgresServer:
        """Raises UnavailableError where there is none, or where it would not be durable."""
        if self._postgres is None:
            own = OwnPostgres(
                first_binaries(),
                self.run.new_folder("postgres"),
                fsync=True,
                lifeline=self.run.lifeline,
            )
            version = own.start()
            self._postgres = own, PostgresServer(libpq(own.admin), version)
            _require_durable(self.settings())
        return self._postgres[1]

    def kafka(self) -> KafkaServer:
        """Raises UnavailableError where it cannot be started."""
        if self._kafka is None:
            own = OwnKafka(self.run.new_folder("kafka"), lifeline=self.run.lifeline)
            self._kafka = own, own.start()
        return self._kafka[1]

    def versions(self) -> dict[str, str]:
        """Of the servers that were started."""
        found = {"postgresql": self._postgres, "kafka": self._kafka}
        return {name: one[1].version for name, one in found.items() if one is not None}

    def settings(self) -> dict[str, str]:
        """The settings of PostgreSQL that its figures depend on; none where none was started."""
        if self._postgres is None:
            return {}
        with psycopg.connect(self.postgres().admin) as connection:
            rows = connection.execute(
                "SELECT name, current_setting(name) FROM pg_settings WHERE name = ANY(%s)",
                (list(TOLD),),
            ).fetchall()
        return dict(sorted(rows))


@contextmanager
def servers() -> Iterator[Servers]:
    """Ends with every server ended and every folder removed, also where the run is killed."""
    controller = Controller.begin()
    try:
        yield Servers(controller.run)
    finally:
        controller.end()


def _require_durable(settings: dict[str, str]) -> None:
    careless = [name for name, wanted in DURABLE.items() if settings[name] != wanted]
    if careless:
        raise UnavailableError(f"PostgreSQL runs with {', '.join(careless)} off")
