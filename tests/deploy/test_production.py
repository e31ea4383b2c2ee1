"""The cluster's settings and rights on real servers: TLS to both, a role that owns its database
alone, and a Kafka user that may do only what its KafkaUser says."""

import asyncio
import os
import re
import secrets
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.errors import TopicAuthorizationFailedError
from prometheus_client.parser import text_string_to_metric_families
from psycopg.sql import SQL, Identifier

from services.__main__ import load_services
from shared.bus.encrypting import by, open_tls
from shared.contracts.base import PARTITIONS
from shared.runtime.service import Service
from tests.deploy.files import Container, cluster_containers
from tests.deploy.secured_kafka import SecuredKafka, secured_kafka
from tests.deploy.starting import PATIENCE, Machine, machine, replaced
from tests.kit.bus import until
from tests.kit.certificates import Authority
from tests.kit.servers.plugin import unmet
from tests.kit.servers.postgres_binaries import system_binaries, unprivileged
from tests.kit.servers.postgres_process import OwnPostgres, libpq
from tests.kit.servers.process import UnavailableError
from tests.kit.servers.run import current_run

SERVICES = tuple(one.name for one in load_services())


@pytest.fixture
def postgres() -> Iterator[OwnPostgres]:
    """One with fsync on that can speak TLS, as the system's builds can and the wheel's cannot."""
    try:
        binaries = system_binaries()
    except UnavailableError as no:
        unmet(f"No PostgreSQL that speaks TLS: {no}")
    own = OwnPostgres(binaries, current_run().new_folder("tls-postgres"), fsync=True)
    try:
        own.start()
        yield own
    finally:
        own.close()


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


def by_tls(own: OwnPostgres, authority: Authority) -> None:
    """Has a running server speak TLS from now on."""
    certificate, key = authority.issue("postgres")
    with psycopg.connect(libpq(own.admin), autocommit=True) as connection:
        row = connection.execute("SHOW data_directory").fetchone()
        assert row
        for file, setting in ((certificate, "ssl_cert_file"), (key, "ssl_key_file")):
            held = Path(row[0]) / file.name
            shutil.copy(file, held)
            held.chmod(0o600)
            account = unprivileged()
            if account:
                os.chown(held, *account)
            connection.execute(
                SQL("ALTER SYSTEM SET {} = {}").format(Identifier(setting), file.name)
            )
        connection.execute("ALTER SYSTEM SET ssl = on")
        connection.execute("SELECT pg_reload_conf()")


def databases(own: OwnPostgres) -> dict[str, str]:
    """A database and a role that owns it alone, for each cluster of the overlay; the values of the
    secrets that the operator would make."""
    address = re.fullmatch(r"postgresql://\w+:\w+@([\d.]+):(\d+)/\w+", own.admin)
    assert address
    found = dict[str, str]()
    with psycopg.connect(libpq(own.admin), autocommit=True) as connection:
        for cluster in (f"{one}-{part}" for one in SERVICES for part in ("database", "keys")):
            name, word = cluster.replace("-", "_"), secrets.token_hex(16)
            connection.execute(
                SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(Identifier(name), word)
            )
            connection.execute(
                SQL("CREATE DATABASE {} OWNER {}").format(Identifier(name), Identifier(name))
            )
            values = {"username": name, "password": word, "host": address[1], "dbname": name}
            found |= {f"<secret:{cluster}-app/{key}>": one for key, one in values.items()}
    return found | {":5432/": f":{address[2]}/"}


class Cluster:
    """The containers of the overlay on a machine, each service with its own certificate."""

    def __init__(
        self, here: Machine, containers: dict[str, Container], certificates: dict[str, str]
    ) -> None:
        self.here = here
        self.containers = containers
        self._certificates = certificates

    def container(self, name: str) -> Container:
        """One, with the files of its own user where the cluster would mount them."""
        one = self.containers[name]
        user = self._certificates[name.split("-")[0]]
        environment = {
            variable: value.replace("/etc/open-door/kafka/user/user", user)
            for variable, value in one.environment.items()
        }
        return Container(
            name=one.name, command=one.command, environment=environment, probe=one.probe
        )


@asynccontextmanager
async def cluster(
    folder: Path,
    rendered: list[dict[str, Any]],
    values: dict[str, str],
    kafka: SecuredKafka,
    authority: Authority,
) -> AsyncIterator[Cluster]:
    (folder / "master-secret").write_text(secrets.token_hex(32))
    words = values | {
        "/etc/open-door/master/": f"{folder}/",
        "/etc/open-door/kafka/ca/ca.crt": str(authority.certificate),
        "open-door-kafka-kafka-bootstrap:9093": f"127.0.0.1:{kafka.tls_port}",
    }
    certificates = {one: str(folder / f"{one}-kafka") for one in SERVICES}
    for one in SERVICES:
        authority.issue(f"{one}-kafka")

    containers = {one.name: one_broker(one) for one in cluster_containers(rendered)}
    async with machine(folder, replaced(list(words.items()))) as here:
        yield Cluster(here, containers, certificates)


def one_broker(container: Container) -> Container:
    """The same on a single broker, which can hold no second copy."""
    environment = {**container.environment, "OPENDOOR_KAFKA_REPLICATION": "1"}
    return Container(
        name=container.name,
        command=container.command,
        environment=environment,
        probe=container.probe,
    )


@pytest.mark.timeout(600)
async def test_each_service_starts_with_the_rights_that_the_cluster_gives_it(
    tmp_path: Path,
    production: list[dict[str, Any]],
    postgres: OwnPostgres,
    authority: Authority,
) -> None:
    by_tls(postgres, authority)
    values = databases(postgres)
    try:
        with secured_kafka(authority) as kafka:
            for one in production:
                if one["kind"] == "KafkaUser":
                    rights = one["spec"]["authorization"]["acls"]
                    kafka.allow(one["metadata"]["name"], rights)
            async with cluster(tmp_path, production, values, kafka, authority) as there:
                await start_and_look(there)
                await refused(kafka, authority, tmp_path)
    except UnavailableError as no:
        unmet(f"No Kafka of its own: {no}")


async def start_and_look(there: Cluster) -> None:
    here = there.here
    migrations = [there.container(f"{one}-migrate/migrate") for one in SERVICES]
    await asyncio.gather(*(here.finish(one) for one in migrations))
    await here.finish(there.container("intake-migrate/read-models"))
    workers = [there.container(f"{one}-worker/worker") for one in SERVICES]
    api = there.container("intake-api/api")
    await asyncio.gather(*(here.begin(one) for one in (*workers, api)))

    said = dict[str, list[str]]()

    async def well() -> bool:
        """Relays carry, and readers have every partition, with nothing refused."""
        for service, one in zip(load_services(), workers, strict=True):
            said[service.name] = await amiss(here, service, one)
        return not any(said.values())

    with suppress(AssertionError):
        await until(well, PATIENCE)
    assert said == {one: [] for one in SERVICES}
    assert (await here.ask(api, "/intake/metrics")).status_code == 404
    watched = await here.ask(api, "/metrics", here.health_ports[api.name])
    assert "opendoor_log_position" in watched.text


async def amiss(here: Machine, service: Service, worker: Container) -> list[str]:
    """What is not as it should be with a worker's relays and readers."""
    status = (await here.ask(worker, "/_status")).json()
    bus = status["checks"]["bus"]
    heard = {
        (one.labels["topic"], int(one.labels["partition"]))
        for family in text_string_to_metric_families((await here.ask(worker, "/metrics")).text)
        for one in family.samples
        if one.name == "opendoor_reader_lag" and one.labels["reader"] == service.name
    }
    relays = bus["figures"]["relays"].items()
    wanted = {(topic, number) for topic in service.hears for number in range(PARTITIONS[topic])}
    said = [f"{name}: {one['detail']}" for name, one in status["checks"].items() if not one["ok"]]
    said += [
        f"relay of {topic}: {one['standing']}"
        for topic, one in relays
        if one["standing"] != "running"
    ]
    return said + [f"not read: {one}" for one in sorted(wanted - heard)]


async def refused(kafka: SecuredKafka, authority: Authority, folder: Path) -> None:
    """A user does not tell in another service's name."""
    user = folder / "learning-kafka"
    tls = open_tls(authority.certificate, user.with_suffix(".crt"), user.with_suffix(".key"))
    producer = AIOKafkaProducer(bootstrap_servers=f"127.0.0.1:{kafka.tls_port}", **by(tls))
    await producer.start()
    try:
        with pytest.raises(TopicAuthorizationFailedError):
            await producer.send_and_wait("opendoor.intake.v1", b"not mine to say")
    finally:
        await producer.stop()
