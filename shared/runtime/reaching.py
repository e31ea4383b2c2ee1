"""What a deployment rests on, asked once each: does it answer, which version, how long it took."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from time import perf_counter

import orjson
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError
from sqlalchemy import text

from shared.bus.closing import close
from shared.bus.encrypting import by
from shared.kernel.clock import SystemClock
from shared.kernel.errors import Misconfigured, OpenDoorError, Unavailable
from shared.log.opening import open_log
from shared.runtime.service import Service
from shared.runtime.settings import Settings
from shared.security.http_client import FetchFailed
from shared.security.jwks import fetch_of

PATIENCE = 10.0
"""Seconds after which something counts as unreachable."""

_VERSION = {
    "postgresql": ("PostgreSQL", "SELECT current_setting('server_version') AS version"),
    # Counting its tables reads the file; the version alone would not.
    "sqlite": ("SQLite", "SELECT sqlite_version() AS version, count(*) FROM sqlite_master"),
}

Ask = Callable[[], Awaitable[str]]
"""What it answers of itself. Raises OpenDoorError, OSError, TimeoutError."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """One thing that was asked: `says` its version, or in a sentence why it cannot be had."""

    what: str
    ok: bool
    says: str
    milliseconds: int


async def reach_all(services: Sequence[Service], settings: Settings) -> list[Reached]:
    """Databases, key stores, Kafka and the issuer's keys, all at once; nothing raises."""
    asked: dict[str, Ask] = {}
    for service in services:
        asked[f"database of {service.name}"] = _database(settings.database_for(service.name))
        asked[f"keys of {service.name}"] = _database(settings.keys_for(service.name))
    if not settings.embedded_bus:
        asked["Kafka"] = _kafka(services, settings)
    asked["the issuer's keys"] = _issuer(settings)
    return list(await asyncio.gather(*(_reach(what, ask) for what, ask in asked.items())))


async def _reach(what: str, ask: Ask) -> Reached:
    began, ok = perf_counter(), False
    try:
        async with asyncio.timeout(PATIENCE):
            says = await ask()
        ok = True
    except OpenDoorError as error:
        says = error.detail
    except TimeoutError:
        says = f"No answer in {PATIENCE:g} seconds."
    except OSError as error:
        says = f"{error.strerror or type(error).__name__}."
    except FetchFailed as error:
        says = f"No usable answer: {error}."
    taken = round((perf_counter() - began) * 1000)
    return Reached(what=what, ok=ok, says=says, milliseconds=taken)


def _database(url: str) -> Ask:
    async def ask() -> str:
        log = open_log(url, SystemClock(), reads_only=True)
        try:
            name, statement = _VERSION[log.store.dialect]
            (row,) = await log.store.read(text(statement))
        finally:
            await log.close()
        return f"{name} {row.version}"

    return ask


def _kafka(services: Sequence[Service], settings: Settings) -> Ask:
    """Kafka tells no version to its clients; what counts is that every topic is there."""
    wanted = {
        f"{settings.topic_prefix}{topic}"
        for service in services
        for topic in (*service.topics, *service.hears)
    }

    async def ask() -> str:
        admin = AIOKafkaAdminClient(
            bootstrap_servers=settings.bootstrap, **by(settings.kafka_tls())
        )
        try:
            await admin.start()
            brokers = (await admin.describe_cluster())["brokers"]
            missing = sorted(wanted - set(await admin.list_topics()))
        except KafkaError as error:
            raise Unavailable(f"It cannot be reached: {type(error).__name__}.") from error
        finally:
            await close(admin)
        if missing:
            raise Misconfigured(f"Topics are missing, run `opendoor migrate`: {', '.join(missing)}")
        return f"every topic is there; brokers: {len(brokers)}"

    return ask


def _issuer(settings: Settings) -> Ask:
    async def ask() -> str:
        document = (await fetch_of(settings.jwks())()).document
        try:
            count = len(orjson.loads(document)["keys"])
        except (orjson.JSONDecodeError, KeyError, TypeError) as error:
            raise Unavailable("What it answers is no set of keys.") from error
        if not count:
            raise Unavailable("It publishes no key.")
        return f"{count} published"

    return ask
