"""The bus's port: partitions of foreign series, read in order by whoever owns them."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from shared.contracts.envelope import CloudEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One record of a partition, as a reader meets it.

    `n` is its number in the series. `event` is None where the record cannot be read as a
    CloudEvent; then `fault` says why in words of ours, and `n` is below 0: minus its place in the
    source, so that it can be named. `raw` is the whole record for whoever looks at it later.
    """

    topic: str
    partition: int
    n: int
    event: CloudEvent | None
    raw: bytes
    fault: str | None = None

    @property
    def key(self) -> str:
        return self.event.key if self.event else ""

    @property
    def traceparent(self) -> str:
        """The step that it follows, "" where none was told."""
        return self.event.attributes.get("traceparent", "") if self.event else ""


class Partition(Protocol):
    """One partition of one topic, owned by this process."""

    @property
    def topic(self) -> str: ...

    @property
    def number(self) -> int: ...

    async def read(self, after: int, limit: int) -> Sequence[Record]:
        """The next records in the source's order, those with n > `after` among them; waits a
        moment when there are none, then answers none. May repeat lower numbers."""
        ...

    async def rewind(self, after: int) -> None:
        """Goes where the record after `after` may be; 0 is the beginning."""
        ...

    async def bound(self) -> int:
        """A number that no record told so far exceeds."""
        ...


Serve = Callable[[Partition, asyncio.Event], Awaitable[None]]
"""Reads one partition until the event is set: ownership has gone, or the process stops."""


class Source(Protocol):
    """Where foreign series come from: another service's `published`, or Kafka."""

    async def run(self, serve: Serve, stop: asyncio.Event) -> None:
        """Serves every partition that this process owns, each in a task of its own, until `stop`
        is set. Raises Unavailable when the source is gone, and whatever `serve` raises."""
        ...
