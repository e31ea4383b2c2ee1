"""Read your own writes: a read waits until its read model has applied a position (H19)."""

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Any

from fastapi import Depends, Header

from shared.kernel.errors import Malformed, Misconfigured, ReadModelBehind, SeriesRewound
from shared.kernel.words import INTEGER_LIMIT
from shared.projections.waiting import Waiting

DEFAULT_WAIT = 2.0
LONGEST_WAIT = 10.0
_DIGITS = re.compile(r"\d{1,19}\Z", re.ASCII)
_PREFERRED = re.compile(r"(?:^|[,;\s])wait=(\d{1,4})(?=$|[,;\s])", re.ASCII)


class Waits:
    """The waiting for each projection of one service; `head` gives the log's newest position as
    the database has it."""

    def __init__(self, waiting: Mapping[str, Waiting], head: Callable[[], Awaitable[int]]) -> None:
        self._waiting = waiting
        self._head = head

    def until(self, projection: str) -> Any:
        """The dependency of a read route on `projection`. Raises Misconfigured for an unknown
        one."""
        if projection not in self._waiting:
            raise Misconfigured(f"No projection {projection} to wait for.")
        waiting = self._waiting[projection]

        async def read_your_writes(
            after: Annotated[
                str | None,
                Header(
                    alias="Open-Door-After",
                    description="The Open-Door-Position that the answer must include.",
                    json_schema_extra={"pattern": "^[0-9]{1,19}$"},
                ),
            ] = None,
            prefer: Annotated[
                str | None,
                Header(description="`wait=5` waits up to so many seconds, 10 at most (RFC 7240)."),
            ] = None,
        ) -> None:
            if after is not None:
                await self._wait(waiting, position(after), seconds(prefer))

        return Depends(read_your_writes)

    async def _wait(self, waiting: Waiting, wanted: int, longest: float) -> None:
        if await waiting.until(wanted, 0) >= wanted:
            return
        if wanted > await self._head():
            raise SeriesRewound(
                "Open-Door-After lies beyond the newest position: it is another service's, or "
                "the log was restored."
            )
        applied = await waiting.until(wanted, longest)
        if applied < wanted:
            raise ReadModelBehind(wanted, applied)


def position(text: str) -> int:
    """A log position. Raises Malformed."""
    if not _DIGITS.match(text) or int(text) > INTEGER_LIMIT:
        raise Malformed("Open-Door-After holds a position, a whole number.")
    return int(text)


def seconds(prefer: str | None) -> float:
    """How long to wait at most: as preferred, within what we allow."""
    found = _PREFERRED.search(prefer or "")
    return min(float(found[1]), LONGEST_WAIT) if found else DEFAULT_WAIT
