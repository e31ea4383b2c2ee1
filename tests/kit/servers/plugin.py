"""The pytest side of the real servers: fixtures, what was met, and no quiet skips."""

import os
import secrets
from collections.abc import Iterator
from typing import NoReturn

import pytest

from tests.kit.servers import kafka, postgres
from tests.kit.servers.kafka import KafkaServer, OwnKafka
from tests.kit.servers.postgres import PostgresServer
from tests.kit.servers.postgres_process import OwnPostgres
from tests.kit.servers.process import UnavailableError
from tests.kit.servers.run import Controller, Found, current_run

REQUIRE = "REQUIRE_REAL"
CONTROLLER = pytest.StashKey[Controller]()


def required() -> bool:
    """Whether a test that is skipped counts as failed."""
    return os.environ.get(REQUIRE, "") not in ("", "0")


def unmet(reason: str) -> NoReturn:
    """Ends the test: skipped with its reason, or failed where real servers are required."""
    if required():
        pytest.fail(f"{REQUIRE} is set. {reason}", pytrace=False)
    pytest.skip(reason)


def _met(found: Found) -> Found:
    if found.address is None:
        unmet(str(found))
    return found


@pytest.fixture(scope="session")
def postgres_server() -> PostgresServer:
    """The PostgreSQL of this run, shared by its workers; started when the first test asks."""
    return PostgresServer.at(_met(current_run().find("PostgreSQL", postgres.WAYS)))


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """`postgresql+asyncpg://...`: an empty database of this test alone."""
    with postgres_server.fresh_database() as url:
        yield url


@pytest.fixture
def own_postgres() -> Iterator[OwnPostgres]:
    """A PostgreSQL of this test alone, with fsync on, to be stopped, crashed and started again."""
    try:
        with postgres.own_postgres() as own:
            yield own
    except UnavailableError as no:
        unmet(f"No PostgreSQL of its own: {no}")


@pytest.fixture(scope="session")
def kafka_server() -> KafkaServer:
    """The Kafka of this run, shared by its workers; started when the first test asks."""
    return KafkaServer.at(_met(current_run().find("Kafka", kafka.WAYS)))


@pytest.fixture
def kafka_prefix(kafka_server: KafkaServer) -> str:
    """What the names of this test's topics and groups begin with."""
    return f"t{secrets.token_hex(6)}."


@pytest.fixture
def own_kafka() -> Iterator[OwnKafka]:
    """A broker of this test alone, to be stopped, killed and started again."""
    try:
        with kafka.own_kafka() as own:
            yield own
    except UnavailableError as no:
        unmet(f"No Kafka of its own: {no}")


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        config.stash[CONTROLLER] = Controller.begin()


def pytest_unconfigure(config: pytest.Config) -> None:
    controller = config.stash.get(CONTROLLER, None)
    if controller is None:
        return
    for found in controller.run.found():
        if found.name == "PostgreSQL" and found.how == postgres.VARIABLE:
            PostgresServer.at(found).drop_leftovers()
    controller.end()


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    if required() and session.exitstatus == pytest.ExitCode.OK and _skipped(session.config):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    controller = config.stash.get(CONTROLLER, None)
    found = controller.run.found() if controller else []
    if found:
        terminalreporter.section("real servers")
    for server in found:
        terminalreporter.write_line(str(server), red=server.address is None)
    skipped = _skipped(config) if required() else []
    if skipped:
        terminalreporter.section(f"{REQUIRE} is set: a skip is a failure", red=True)
    for line in skipped:
        terminalreporter.write_line(line, red=True)


def _skipped(config: pytest.Config) -> list[str]:
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None:
        return []
    reports = reporter.stats.get("skipped", [])
    return [f"{report.nodeid}: {_reason(report)}" for report in reports]


def _reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    return report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
