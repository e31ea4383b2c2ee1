"""What streams and event lists hand out: numbered items, and where a reader may go on."""

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Protocol

from fastapi import Depends, Header, Query

from shared.contracts.envelope import cloud_event
from shared.kernel.errors import Malformed, SeriesGone, SeriesRewound
from shared.kernel.words import INTEGER_LIMIT
from shared.log.base import Log

_DIGITS = re.compile(r"\d{1,20}\Z", re.ASCII)
_NUMBER: dict[str, Any] = {"pattern": "^[0-9]{1,20}$"}
"""What the OpenAPI says of a sequence; judged here, where a fault has its own slug."""

AFTER = Query(description="Sequence of the last item seen.", json_schema_extra=_NUMBER)
LAST_EVENT_ID = Header(
    description="The same, as event-stream clients send it.", json_schema_extra=_NUMBER
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One item of a series: its number, its CloudEvents type and the structured event's bytes."""

    n: int
    type: str
    data: bytes

    def naming(self, previous: int) -> bytes:
        """The bytes as a filtered view says them: with the number of the item before (S2)."""
        named = f"{previous:020d}" if previous else ""
        return self.data[:-1] + f',"previous":"{named}"}}'.encode()


def item_of(row: Any, n: int) -> Item:
    """A row of `published` as the item that its view numbers `n`."""
    return Item(n=n, type=row.type, data=cloud_event(row).structured())


class Series(Protocol):
    """What is numbered and kept: a topic's published contracts, or what callers may see of them.
    Each call is one short read; no connection is held between two."""

    async def head(self) -> int:
        """The newest number, 0 where there is none."""
        ...

    async def oldest(self) -> int:
        """The oldest number still kept (1 where nothing was dropped)."""
        ...

    async def after(self, n: int, limit: int) -> Sequence[Item]:
        """Items with a number > `n`, in order."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedSeries:
    """The contracts of one topic's only partition, for ever, as they were said."""

    log: Log
    topic: str

    async def head(self) -> int:
        return (await self.log.published_heads(self.topic)).get(0, 0)

    async def oldest(self) -> int:
        return 1

    async def after(self, n: int, limit: int) -> Sequence[Item]:
        rows = await self.log.published(self.topic, 0, n, limit)
        return [item_of(row, row.n) for row in rows]


class ResumeGone(SeriesGone):
    """A resume point older than what is kept: `oldest` and `head` are still here."""

    def __init__(self, oldest: int, head: int, archive: str | None = None) -> None:
        super().__init__("What follows that point is no longer kept here; read the archive.")
        links = {"links": {"archive": archive}} if archive else {}
        self.extensions = {"oldest": oldest, "head": head, **links}


class ResumeRewound(SeriesRewound):
    """A resume point beyond the head: the log was restored, or the number is another series'."""

    def __init__(self, head: int) -> None:
        super().__init__("That point lies beyond the newest item.")
        self.extensions = {"head": head}


def resume(series: Series, archive: str | None = None) -> Any:
    """The dependency that gives a stream's starting point, judged before the first byte (S4).

    `after` and Last-Event-ID are exclusive; with both, the larger counts, as some clients resend
    their first id for ever (S7); with neither, the stream starts at the head.
    """

    async def resumed(
        after: Annotated[str | None, AFTER] = None,
        last_event_id: Annotated[str | None, LAST_EVENT_ID] = None,
    ) -> int:
        start = newest_of(after, last_event_id)
        head = await series.head()
        return head if start is None else await judged(series, start, head, archive)

    return Depends(resumed)


def newest_of(*texts: str | None) -> int | None:
    """The largest of the sequences given, None where none is. Raises Malformed."""
    return max((number(text) for text in texts if text is not None), default=None)


async def judged(series: Series, after: int, head: int, archive: str | None = None) -> int:
    """`after`, where one can go on from it. Raises ResumeRewound beyond the head, ResumeGone
    before what is kept."""
    if after > head:
        raise ResumeRewound(head)
    oldest = await series.oldest()
    if after + 1 < oldest:
        raise ResumeGone(oldest, head, archive)
    return after


def number(text: str) -> int:
    """A sequence, with or without its leading zeros. Raises Malformed."""
    if not _DIGITS.match(text) or int(text) > INTEGER_LIMIT:
        raise Malformed(
            "`after` and Last-Event-ID hold the sequence of the last item seen.",
            "resume-point-malformed",
        )
    return int(text)


Pick = Callable[[Item], Awaitable[bool]]
"""Whether this caller sees an item, asked for every item. Raising NotAllowed ends a stream."""
