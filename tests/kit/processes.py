"""A world of real processes: PostgreSQL, Kafka, and api and worker of each service by the CLI."""

import asyncio
import itertools
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from services.demonstration.player import Player
from shared.kernel.clock import SystemClock
from shared.security.dev_issuer import open_issuer
from tests.kit.servers.kafka import KafkaServer
from tests.kit.servers.postgres import PostgresServer
from tests.kit.servers.process import free_port

SERVICES = ("intake", "assurance", "learning")
VERBS = ("serve", "work")
ROOT = Path(__file__).parents[2]
ISSUER, AUDIENCE = "urn:open-door:development", "urn:open-door"
START = 180.0
"""Seconds in which a process must answer."""
GRACE = 20.0


class ProcessDiedError(AssertionError):
    """A process ended, or did not answer, when the story needed it; ends with its last lines."""


@dataclass(slots=True)
class Running:
    """One process of the product."""

    name: str
    process: asyncio.subprocess.Process
    log: Path

    def require_alive(self) -> None:
        if self.process.returncode is not None:
            raise self.failure(f"ended with status {self.process.returncode}")

    def told(self) -> list[dict[str, Any]]:
        """Its log, a line each."""
        lines = self.log.read_text().splitlines()
        return [json.loads(one) for one in lines if one.startswith("{")]

    def failure(self, what: str) -> ProcessDiedError:
        said = self.log.read_text(errors="replace").splitlines()[-25:]
        return ProcessDiedError("\n".join((f"{self.name} {what}; its last lines:", *said)))

    async def end(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Ends it by its id; the status. Raises ProcessDiedError where it takes too long."""
        if self.process.returncode is None:
            self.process.send_signal(how)
        try:
            async with asyncio.timeout(GRACE):
                return await self.process.wait()
        except TimeoutError:
            self.process.kill()
            await self.process.wait()
            raise self.failure(f"did not end within {GRACE:g} s of {how.name}") from None


def said_once(told: Sequence[Mapping[str, Any]], gone: str, back: str) -> bool:
    """Whether `gone` is never told again before `back` was: not at each try."""
    words = [one["event"] for one in told if one["event"] in (gone, back)]
    return (gone, gone) not in itertools.pairwise(words)


@dataclass(slots=True, kw_only=True)
class ProcessWorld:
    """Where a story is played on real servers; `player` acts in it."""

    folder: Path
    environment: dict[str, str]
    kafka: KafkaServer
    prefix: str
    databases: dict[str, str]
    ports: dict[str, int]
    player: Player = field(init=False)
    running: dict[str, Running] = field(default_factory=dict)

    async def start(self, verb: str, service: str) -> Running:
        """Starts `serve` or `work` of a service, and waits until it is ready."""
        port = self.ports[f"{verb} {service}"]
        flag = "--port" if verb == "serve" else "--health-port"
        one = await self._launch(f"{verb} {service}", verb, service, flag, str(port))
        self.running[one.name] = one
        path = f"/{service}/readyz" if verb == "serve" else "/readyz"
        await self._answers(one, f"http://127.0.0.1:{port}{path}")
        return one

    async def migrate(self) -> None:
        one = await self._launch("migrate all", "migrate", "all")
        if await one.process.wait():
            raise one.failure("failed")

    async def end(self, name: str, how: signal.Signals = signal.SIGTERM) -> int:
        return await self.running.pop(name).end(how)

    def url(self, name: str) -> str:
        """The address of a process, such as `work intake`."""
        return f"http://127.0.0.1:{self.ports[name]}"

    async def settle(self) -> None:
        """Nothing to run here: whoever looks, looks again. A process that died is told at once."""
        for one in self.running.values():
            one.require_alive()

    async def _launch(self, name: str, *arguments: str) -> Running:
        log = self.folder / f"{name.replace(' ', '-')}.log"
        return await launched(name, log, "services", *arguments, env=self.environment)

    async def _answers(self, one: Running, url: str) -> None:
        loop = asyncio.get_running_loop()
        give_up = loop.time() + START
        async with httpx.AsyncClient() as client:
            while not await _is_ready(client, url):
                one.require_alive()
                if loop.time() > give_up:
                    raise one.failure(f"was not ready within {START:g} s")
                await asyncio.sleep(0.1)


async def launched(
    name: str,
    log: Path,
    module: str,
    *arguments: str,
    env: Mapping[str, str] | None = None,
    stdin: int = asyncio.subprocess.DEVNULL,
) -> Running:
    """Begins `python -m module`; what it says is added to `log`."""
    with log.open("ab") as out:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            module,
            *arguments,
            stdin=stdin,
            stdout=out,
            stderr=out,
            cwd=ROOT,
            env=env,
        )
    return Running(name, process, log)


async def _is_ready(client: httpx.AsyncClient, url: str) -> bool:
    try:
        return (await client.get(url, timeout=2)).status_code == 200
    except httpx.TransportError:
        return False


class ByService(httpx.AsyncBaseTransport):
    """Sends each request to the port of the service that its path names."""

    def __init__(self, port: Callable[[str], int]) -> None:
        self._port = port
        self._inner = httpx.AsyncHTTPTransport()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        service = request.url.path.split("/")[1]
        request.url = request.url.copy_with(host="127.0.0.1", port=self._port(service))
        return await self._inner.handle_async_request(request)

    async def aclose(self) -> None:
        await self._inner.aclose()


@asynccontextmanager
async def process_world(
    folder: Path,
    at: datetime,
    *,
    postgres: PostgresServer,
    kafka: KafkaServer,
    prefix: str,
    services: Sequence[str] = SERVICES,
    by: Callable[[str], str] = str,
) -> AsyncIterator[ProcessWorld]:
    """The services in two processes each, where it is `at` when they start and time goes on; they
    reach their databases at the URL that `by` makes of the real one.

    Every process ends with SIGTERM at the end; one that does not end with status 0 is a failure.
    """
    offset = timedelta(seconds=round((at - datetime.now(UTC)).total_seconds()))
    parts = [name for one in SERVICES for name in (one, f"{one}_keys")]
    async with AsyncExitStack() as stack:
        url = stack.enter_context(postgres.fresh_databases(*parts))
        world = ProcessWorld(
            folder=folder,
            kafka=kafka,
            prefix=prefix,
            databases={one: url.replace("{part}", one) for one in SERVICES},
            environment=_environment(folder, offset, by(url), kafka, prefix),
            ports={f"{verb} {one}": free_port() for verb in VERBS for one in SERVICES},
        )
        stack.push_async_callback(_kill_all, world)
        world.player = await _player(stack, world, offset)
        await world.migrate()
        await asyncio.gather(*(world.start(verb, one) for verb in VERBS for one in services))
        yield world
        names = list(world.running)
        ended = await asyncio.gather(*(world.end(name) for name in names))
        assert dict(zip(names, ended, strict=True)) == dict.fromkeys(names, 0)


def _environment(
    folder: Path, offset: timedelta, url: str, kafka: KafkaServer, prefix: str
) -> dict[str, str]:
    kept = {name: held for name, held in os.environ.items() if not name.startswith("OPENDOOR_")}
    seconds = int(offset.total_seconds())
    return kept | {
        "OPENDOOR_ENVIRONMENT": "development",
        "OPENDOOR_DATA_DIR": str(folder),
        "OPENDOOR_DATABASE_URL": url.replace("{part}", "{service}"),
        "OPENDOOR_KEYS_URL": url.replace("{part}", "{service}_keys"),
        "OPENDOOR_BUS_URL": kafka.url,
        "OPENDOOR_TOPIC_PREFIX": prefix,
        "OPENDOOR_JWKS_URL": f"file:{folder / 'issuer' / 'jwks.json'}",
        "OPENDOOR_CLOCK_OFFSET": f"{'-' if seconds < 0 else ''}PT{abs(seconds)}S",
        "OPENDOOR_SYNTHETIC": "true",
        "OPENDOOR_POOL_SIZE": "4",
    }


async def _player(stack: AsyncExitStack, world: ProcessWorld, offset: timedelta) -> Player:
    issuer = open_issuer(
        world.folder / "issuer",
        environment="development",
        issuer=ISSUER,
        audience=AUDIENCE,
        clock=SystemClock(offset),
    )
    client = await stack.enter_async_context(
        httpx.AsyncClient(
            transport=ByService(lambda service: world.ports[f"serve {service}"]),
            base_url="http://world",
            timeout=60,
        )
    )
    numbers = itertools.count(1)
    return Player(
        client,
        lambda organisation, role, person: issuer.issue(organisation, role, person=person),
        world.settle,
        _time_goes_on,
        lambda: f"key-{next(numbers)}",
    )


async def _time_goes_on(moment: datetime) -> None:
    raise NotImplementedError("Processes keep their own time; start them with another offset.")


async def _kill_all(world: ProcessWorld) -> None:
    """What still runs after a failure; a test that went well has ended everything."""
    for one in world.running.values():
        if one.process.returncode is None:
            one.process.kill()
            await one.process.wait()
