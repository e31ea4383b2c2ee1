"""Containers of the deploy files as processes of this machine: their commands, their variables."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from tests.deploy.files import Container
from tests.kit.bus import until
from tests.kit.processes import ROOT, Running
from tests.kit.servers.process import free_port

PATIENCE = 180.0
"""Seconds in which a process must answer, and readers share what there is to read."""

Translate = Callable[[str], str]
"""A variable's value in a container, as it is on this machine."""


class Machine:
    """Where containers run as processes; `running` holds those that go on, by name."""

    def __init__(self, folder: Path, translate: Translate) -> None:
        self.ports: dict[str, int] = {}
        self.health_ports: dict[str, int] = {}
        self.running: dict[str, Running] = {}
        self._launched: list[Running] = []
        self._folder = folder
        self._translate = translate

    async def finish(self, container: Container) -> str:
        """Runs one that ends by itself; what it said. Fails unless its status is 0."""
        one = await self._launch(container)
        if await one.process.wait():
            raise one.failure("failed")
        return one.log.read_text()

    async def begin(self, container: Container) -> None:
        """Starts one that goes on, and waits until its probe finds it ready."""
        one = await self._launch(container)
        self.running[container.name] = one

        async def ready() -> bool:
            one.require_alive()
            return (await self.ask(container, container.probe)).status_code == 200

        await until(ready, PATIENCE)

    async def ask(self, container: Container, path: str, port: int | None = None) -> httpx.Response:
        """What a container answers, on another port than its probe's where one is given; status
        503 while it does not listen."""
        place = f"http://127.0.0.1:{port or self.ports[container.name]}{path}"
        try:
            async with httpx.AsyncClient(timeout=10) as client:
                return await client.get(place)
        except httpx.TransportError:
            return httpx.Response(503)

    async def end(self) -> dict[str, int]:
        """Ends all that goes on, in order; the status of each."""
        names = list(self.running)
        ended = await asyncio.gather(*(self.running.pop(name).end() for name in names))
        return dict(zip(names, ended, strict=True))

    async def kill(self) -> None:
        """Ends what a failure left."""
        for one in self._launched:
            if one.process.returncode is None:
                one.process.kill()
                await one.process.wait()

    async def _launch(self, container: Container) -> Running:
        log = self._folder / f"{container.name.replace('/', '-')}.log"
        with log.open("ab") as out:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "services",
                *container.command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                cwd=ROOT,
                env=self._environment(container),
            )
        self._launched.append(Running(container.name, process, log))
        return self._launched[-1]

    def _environment(self, container: Container) -> Mapping[str, str]:
        probed, health = free_port(), free_port()
        if container.command[0] != "serve":
            health = probed
        self.ports[container.name], self.health_ports[container.name] = probed, health
        given = {
            name: self._translate(value)
            for name, value in container.environment.items()
            if name.startswith("OPENDOOR_")
        }
        here = {
            "OPENDOOR_HOST": "127.0.0.1",
            "OPENDOOR_PORT": str(probed),
            "OPENDOOR_HEALTH_PORT": str(health),
        }
        kept = {name: one for name, one in os.environ.items() if not name.startswith("OPENDOOR_")}
        return kept | given | here


@asynccontextmanager
async def machine(folder: Path, translate: Translate) -> AsyncIterator[Machine]:
    """Where containers run; what still does at the end has to end in order, with status 0."""
    one = Machine(folder, translate)
    try:
        yield one
        ended = await one.end()
        assert ended == dict.fromkeys(ended, 0)
    finally:
        await one.kill()


def replaced(words: Sequence[tuple[str, str]]) -> Translate:
    """A translation by words, each in turn."""

    def translate(value: str) -> str:
        for there, here in words:
            value = value.replace(there, here)
        return value

    return translate
