"""Signed heads: what the log says of itself now and then, for anyone to hold against it."""

from typing import Any

import orjson
from sqlalchemy import select

from shared.contracts.envelope import Tell, instant, seal_envelope
from shared.contracts.heads import HEADS
from shared.kernel.decider import SYSTEM
from shared.kernel.messages import event
from shared.log.base import Appended, Entry, Head, Log, NewContract, NewEvent
from shared.log.codec import Codec
from shared.log.meta import Meta
from shared.log.tables import EVENTS
from shared.runtime.engine import Engine
from shared.security.evidence import SignedHead

STREAM = "heads"


@event("head_signed")
class HeadSigned:
    """The chain's `hash` (hexadecimal) at `position`, which stands before this event, and the
    signature over it; the fields of a SignedHead."""

    deployment: str
    position: int
    hash: str
    time: str
    key: str
    signature: str


async def sign_head(engine: Engine) -> bool:
    """Signs the log's head, appends that and tells it, where anything else was appended since the
    last time; whether it did. Raises Unavailable."""
    version, signed, own = await _last(engine.log)
    head = await engine.log.head()
    if head.position == own and signed == own - 1:
        return False
    entry = _entry(engine, version + 1, await engine.signer.head(head))
    # A conflict says that another process has just signed one.
    return isinstance(await engine.appender.append(entry), Appended)


async def _last(log: Log) -> tuple[int, int, int]:
    """The last head's version, the position that it is about, and its own; those of an empty log
    where none was signed."""
    last = (
        select(EVENTS.c.version, EVENTS.c.position, EVENTS.c.data)
        .where(EVENTS.c.stream == STREAM)
        .order_by(EVENTS.c.version.desc())
        .limit(1)
    )
    rows = await log.store.read(last)
    if not rows:
        return 0, -1, Head().position
    return rows[0].version, orjson.loads(rows[0].data)["position"], rows[0].position


def _entry(engine: Engine, version: int, head: SignedHead) -> Entry:
    correlation = engine.ids.new()
    meta = Meta(
        command=engine.ids.new(),
        correlation=correlation,
        client=SYSTEM.client,
        kind=SYSTEM.kind,
        at=instant(engine.clock.now()),
    )
    return Entry(
        events=(_recorded(head, version, meta),), contracts=(_told(head, version, correlation),)
    )


def _recorded(head: SignedHead, version: int, meta: Meta) -> NewEvent:
    signed = HeadSigned(
        deployment=head.deployment,
        position=head.position,
        hash=head.hash,
        time=head.time,
        key=head.key,
        signature=head.signature,
    )
    return Codec(()).prepare(STREAM, version, signed, meta).sealed(_nothing_is_sealed)


def _nothing_is_sealed(scope: str, path: str, text: str) -> str:
    raise NotImplementedError("A head holds no text.")


def told(head: SignedHead) -> Any:
    """The head as the contract that says it."""
    return HEADS[head.service](
        service=head.service,
        deployment=head.deployment,
        position=head.position,
        hash=head.hash,
        time=head.time,
        key=head.key,
        signature=head.signature,
    )


def _told(head: SignedHead, version: int, correlation: str) -> NewContract:
    envelope = seal_envelope(
        Tell(contract=told(head), time=head.time, subject=STREAM),
        stream=STREAM,
        version=version,
        correlation=correlation,
        causation="",
        traceparent="",
    )
    return NewContract(
        topic=envelope.topic,
        partition=envelope.partition,
        id=envelope.id,
        type=envelope.type,
        key=envelope.key,
        subject=envelope.subject,
        time=envelope.time,
        attributes=envelope.attributes,
        data=envelope.data,
    )
