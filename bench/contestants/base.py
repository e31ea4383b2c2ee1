"""What every contestant is: opened with what it is told, run for so many clients and seconds."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any

from bench.sampling import Sample

Run = Callable[[int, float], Awaitable[Sample]]
"""(clients, seconds) -> what they did."""

Contest = Callable[[Mapping[str, Any]], AbstractAsyncContextManager[Run]]
"""What the parent tells it -> the contestant, open as long as the block lasts."""
