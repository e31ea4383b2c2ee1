"""A real Apache Kafka for tests: the one at KAFKA_BOOTSTRAP_SERVERS, else one broker of our own."""

import base64
import logging
import os
import secrets
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from tests.kit.servers.kafka_jars import java_command, kafka_version
from tests.kit.servers.process import ServerFailedError, ServerProcess, UnavailableError, free_port
from tests.kit.servers.run import UNSET, Found, Run, Way, current_run

VARIABLE = "KAFKA_BOOTSTRAP_SERVERS"
JVM = ("-Xmx384m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
STARTS = 3

PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.bootstrap.servers=127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{advertised}
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs={folder}/data
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
# A trial may let a member of a group be missed soon.
group.min.session.timeout.ms=1000
auto.create.topics.enable=false
# Only with these does a broker killed with -9 acknowledge again within seconds of its restart.
broker.session.timeout.ms=2000
broker.heartbeat.interval.ms=250
"""

LOGGING = """\
<Configuration status="WARN">
  <Appenders>
    <Console name="console"><PatternLayout pattern="%d %p %m (%c)%n"/></Console>
  </Appenders>
  <Loggers>
    <Root level="WARN"><AppenderRef ref="console"/></Root>
  </Loggers>
</Configuration>
"""


@dataclass(frozen=True, slots=True)
class KafkaServer:
    """A running broker, or several, that answered a metadata request."""

    bootstrap: str
    version: str

    @classmethod
    def at(cls, found: Found) -> "KafkaServer":
        assert found.address
        return cls(found.address, found.version)

    @property
    def url(self) -> str:
        """As the product's settings take it."""
        return f"kafka://{self.bootstrap}"


class OwnKafka:
    """A broker of one's own (KRaft, one node), to be stopped, killed and started on its data.

    Clients are told to come to the port `advertised`, where that is given: a proxy's."""

    def __init__(
        self, folder: Path, *, lifeline: Path | None = None, advertised: int | None = None
    ) -> None:
        self._folder = folder
        self._advertised = advertised
        self._lifeline = lifeline
        self._process: ServerProcess | None = None
        self._port = 0

    @property
    def server(self) -> KafkaServer:
        return KafkaServer(f"127.0.0.1:{self._port}", kafka_version())

    def start(self) -> KafkaServer:
        """Starts it, at first on freshly formatted storage, and waits until it answers."""
        if self._port:
            return self._launch()
        for attempt in range(1, STARTS + 1):
            self._format()
            try:
                return self._launch()
            except ServerFailedError as failed:
                if "Address already in use" not in str(failed) or attempt == STARTS:
                    raise
        raise AssertionError("unreachable")

    def stop(self) -> None:
        """Ends it in order."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """Ends it with kill -9."""
        self._end(signal.SIGKILL)

    def close(self) -> None:
        """Ends it and removes its data."""
        self._end(signal.SIGKILL)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _end(self, how: signal.Signals) -> None:
        if self._process:
            self._process.stop(how)

    def _launch(self) -> KafkaServer:
        logging_file = self._folder / "log4j2.xml"
        options = (*JVM, f"-Dlog4j2.configurationFile={logging_file}")
        self._process = ServerProcess(
            "Kafka",
            java_command("kafka.Kafka", str(self._properties), options=options),
            folder=self._folder,
            end=signal.SIGKILL,
            lifeline=self._lifeline,
        )
        self._process.start(lambda: brokers_at(self.server.bootstrap), within=90)
        return self.server

    def _format(self) -> None:
        self._port, controller = free_port(), free_port()
        shutil.rmtree(self._folder / "data", ignore_errors=True)
        text = PROPERTIES.format(
            port=self._port,
            advertised=self._advertised or self._port,
            controller=controller,
            folder=self._folder,
        )
        self._properties.write_text(text)
        (self._folder / "log4j2.xml").write_text(LOGGING)
        storage_tool("format", "--standalone", "-t", _cluster(), "-c", str(self._properties))

    @property
    def _properties(self) -> Path:
        return self._folder / "server.properties"


def _cluster() -> str:
    """A cluster's id as Kafka writes one: 16 bytes in base64 for URLs, never `-` in front. Kafka's
    own tool for it takes a start of Java."""
    return base64.urlsafe_b64encode(b"\0" + secrets.token_bytes(15)).decode().rstrip("=")


@contextmanager
def own_kafka(*, advertised: int | None = None) -> Iterator[OwnKafka]:
    """A started broker for one test; UnavailableError where Kafka cannot be started."""
    own = OwnKafka(current_run().new_folder("own-kafka"), advertised=advertised)
    try:
        own.start()
        yield own
    finally:
        own.close()


def storage_tool(*arguments: str) -> str:
    """What Kafka's StorageTool says; UnavailableError when it fails."""
    command = java_command("kafka.tools.StorageTool", *arguments, options=JVM)
    said = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    if said.returncode:
        raise UnavailableError(f"StorageTool said: {said.stderr[-600:].strip()}")
    return said.stdout.strip()


def brokers_at(bootstrap: str, *, within: float = 1.0) -> int | None:
    """How many brokers a metadata request names, None when it is not answered in time."""
    client = AdminClient(
        {"bootstrap.servers": bootstrap, "socket.timeout.ms": int(within * 1000)},
        logger=QUIET,
    )
    try:
        return len(client.list_topics(timeout=within).brokers) or None
    except KafkaException:
        return None


def _quiet() -> logging.Logger:
    """Takes librdkafka's lines: a refused connection is no news while a broker starts."""
    logger = logging.Logger("librdkafka")
    logger.addHandler(logging.NullHandler())
    return logger


QUIET = _quiet()


def _by_variable(_run: Run) -> tuple[str, str]:
    bootstrap = os.environ.get(VARIABLE)
    if not bootstrap:
        raise UnavailableError(UNSET)
    if brokers_at(bootstrap, within=10) is None:
        raise UnavailableError("no metadata from there within 10 s")
    return bootstrap, "of a version that it does not tell"


def _by_recipe(run: Run) -> tuple[str, str]:
    own = OwnKafka(run.new_folder("kafka"), lifeline=run.lifeline)
    try:
        started = own.start()
    except UnavailableError:
        # The run's end waits for every folder, and this one has no guard to remove it.
        own.close()
        raise
    KEPT.append(own)
    return started.bootstrap, started.version


KEPT: list[OwnKafka] = []
"""Brokers that live as long as the run: their handles must not be collected before."""

WAYS: tuple[Way, ...] = (
    (VARIABLE, _by_variable),
    ("Apache Kafka itself, from deploy/kafka-dev", _by_recipe),
)
