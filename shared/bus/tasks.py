"""Several coroutines as one: the first fault ends them all and is raised."""

import asyncio
from collections.abc import Awaitable, Sequence


async def together(*runs: Awaitable[None]) -> None:
    """Waits for all; when one raises, cancels the others, waits for their end and raises it."""
    tasks = [asyncio.ensure_future(run) for run in runs]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
    except asyncio.CancelledError:
        await _end(tasks)
        raise
    failed = [task for task in done if task.exception() is not None]
    await _end(tasks)
    if failed:
        error = failed[0].exception()
        assert error is not None  # noqa: S101 - chosen above for having one
        raise error


async def _end(tasks: Sequence[asyncio.Future[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
