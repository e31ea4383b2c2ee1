"""Waiting for what another task or process does, with a limit."""

import asyncio
from collections.abc import Callable


async def until(condition: Callable[[], object], within: float, look: float) -> None:
    """Returns once `condition` holds, looked at every `look` seconds. Raises TimeoutError."""
    loop = asyncio.get_running_loop()
    give_up = loop.time() + within
    while True:
        if condition():
            return
        if loop.time() > give_up:
            raise TimeoutError(f"this did not come within {within:g} s")
        await asyncio.sleep(look)
