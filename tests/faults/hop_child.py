"""One process of a hop, as the trial that began it sees it."""

import asyncio
import json
import signal
from dataclasses import dataclass
from pathlib import Path

from tests.faults.hop_setting import Setting
from tests.kit.bus import until
from tests.kit.processes import Running, launched

LIVES = 60.0
"""Seconds after the end of a fault in which all must be well again (R5)."""


@dataclass(slots=True, kw_only=True)
class Child:
    """A process of `hop_roles`; it ends by itself where its parent does."""

    name: str
    setting: Setting
    running: Running

    async def began(self) -> None:
        """Waits until it is at work."""
        sign = self.setting.sign(self.running.process.pid)

        async def there() -> bool:
            self.running.require_alive()
            return sign.exists()

        await until(there, LIVES)

    async def order(self, *words: object) -> None:
        """Tells it what to do to itself."""
        await self.began()
        pipe = self.running.process.stdin
        assert pipe
        pipe.write(json.dumps(words).encode() + b"\n")

    async def killed(self, after: int) -> None:
        """Has it die at its step so many from now, and waits until it has."""
        await self.order("arm", int(signal.SIGKILL), after)
        await self.dies()

    async def dies(self) -> None:
        async with asyncio.timeout(LIVES):
            assert await self.running.process.wait() == -signal.SIGKILL

    async def frozen(self, after: int) -> None:
        """Has it freeze at its step so many from now, and waits until it says so."""
        note = self.setting.note(self.name)
        before = _lines(note)
        await self.order("arm", int(signal.SIGSTOP), after)

        async def noted() -> bool:
            return _lines(note) > before

        await until(noted, LIVES)

    def signal(self, how: signal.Signals) -> None:
        self.running.process.send_signal(how)

    async def end(self) -> int:
        """Ends it as an operator does, within its grace time; the status."""
        await self.began()
        return await self.running.end()

    async def kill(self) -> None:
        """Ends it if it still runs, frozen or not."""
        if self.running.process.returncode is None:
            self.running.process.kill()
            await self.running.process.wait()


def _lines(note: Path) -> int:
    return note.read_text().count("\n") if note.exists() else 0


async def started(role: str, name: str, setting: Setting) -> Child:
    running = await launched(
        name,
        Path(setting.folder) / f"{name.replace('/', '-')}.log",
        "tests.faults.hop_roles",
        role,
        name,
        setting.text(),
        stdin=asyncio.subprocess.PIPE,
    )
    return Child(name=name, setting=setting, running=running)


def steps_met(folder: Path) -> set[str]:
    """The steps at which processes died or froze."""
    return {line for note in folder.glob("*.steps") for line in note.read_text().splitlines()}
