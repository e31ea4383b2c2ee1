"""`demo`: a synthetic England, built once into a folder of its own, then served."""

import asyncio
import shutil
from collections.abc import Awaitable, Callable, Sequence
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from pathlib import Path

import typer

from shared.kernel.clock import SettableClock
from shared.kernel.errors import Misconfigured
from shared.log.sqlite_files import lock
from shared.runtime.progress import progress_bar
from shared.runtime.service import Service
from shared.runtime.serving import listen, run
from shared.runtime.settings import Settings
from shared.runtime.showing import warn_of_unknown
from shared.runtime.storytelling import Stage, set_stage
from shared.runtime.verbs.up import require_writable, serve_all
from shared.telemetry.logs import configure_logs

BEGUN = "demonstration-begun"
"""Stands in a folder from before the first file is made there: what it holds is ours to remove."""
DONE = "demonstration-complete"
"""Stands there once the demonstration is whole."""

Script = Callable[[Stage], Awaitable[None]]


def demo(
    services: Sequence[Service], settings: Settings, script: Script, *, build_only: bool
) -> None:
    """Builds the demonstration where it is not whole yet, then serves it. Raises Misconfigured."""
    configure_logs(service="all", process="up", development=True)
    warn_of_unknown()
    require_writable(settings.data_dir)
    with ExitStack() as stack:
        listening = None
        if not build_only:
            listening = stack.enter_context(closing(listen(settings.host, settings.port)))
        if not (settings.data_dir / DONE).exists():
            build(services, settings, script)
        if listening is not None:
            run(serve_all(services, settings, listening))


def build(services: Sequence[Service], settings: Settings, script: Script) -> None:
    """Plays the script into an empty folder, or into one where an earlier build did not end.

    Raises Misconfigured for a folder that holds anything else, or that another process uses.
    """
    folder = settings.data_dir
    with closing(lock(folder / BEGUN)):
        _claim(folder, [service.name for service in services])
        with progress_bar("Building a synthetic England") as progress:
            asyncio.run(_play(services, settings, script, progress))
        (folder / DONE).write_text("whole\n", encoding="ascii")


def _claim(folder: Path, services: Sequence[str]) -> None:
    begun = folder / BEGUN
    held = [one for one in folder.iterdir() if one.name != f"{BEGUN}.lock"]
    if not begun.exists():
        if held:
            raise Misconfigured(
                f"{folder} holds files that no demonstration made, such as {held[0].name}; "
                "name an empty folder with --data."
            )
        begun.touch()
        return
    if len(held) > 1:
        typer.echo("The demonstration in this folder is not whole: it is built anew.")
        _clear(folder, services)


def _clear(folder: Path, services: Sequence[str]) -> None:
    """Removes what a build makes, by name, once nobody else holds any of it."""
    with ExitStack() as stack:
        for service in services:
            stack.enter_context(closing(lock(folder / f"{service}.db")))
        for service in services:
            for one in (*folder.glob(f"{service}.db*"), *folder.glob(f"{service}-keys.db*")):
                one.unlink()
        shutil.rmtree(folder / "issuer", ignore_errors=True)


async def _play(
    services: Sequence[Service],
    settings: Settings,
    script: Script,
    progress: Callable[[int, int, str], None],
) -> None:
    # The script sets the time before it does anything; this is only where it stands till then.
    clock = SettableClock(datetime(2018, 1, 1, tzinfo=UTC))
    async with set_stage(services, settings, clock, progress=progress) as stage:
        await script(stage)
        await stage.settle()
