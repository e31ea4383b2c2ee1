"""What a service does with what it hears: contracts become commands of its own, or are kept."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from shared.bus.base import Record
from shared.bus.effects import Effect, EffectFailed
from shared.contracts.base import decode, spec_of
from shared.contracts.envelope import CloudEvent
from shared.kernel.decider import SYSTEM
from shared.kernel.errors import Busy, OpenDoorError, Refused
from shared.runtime.drafting import Cause, Desk, Draft
from shared.runtime.heard import HEARD, ContractHeard
from shared.runtime.service import Heard, Reaction, To
from shared.telemetry.spans import HEARD as HEARD_STEP
from shared.telemetry.spans import step


class Reactor:
    """Decides a batch of foreign records as one draft; the consumer commits it with its cursor."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._by_type = _by_type(desk.service.reactions)
        self.refused: Counter[str] = Counter()
        self.passed: Counter[str] = Counter()

    async def effect(self, records: Sequence[Record]) -> Effect:
        """What the records lead to. Raises EffectFailed naming the record that could not be
        taken, Busy for what passes by itself: a database that is gone, a look-up still behind."""
        draft = Draft(self._desk)
        for index, record in enumerate(records):
            try:
                await self._take(draft, record)
            except Busy:
                raise
            except Exception as error:  # a poison record must not stop the others (R8)
                raise EffectFailed(index, error) from error
        return Effect(events=tuple(draft.events), contracts=tuple(draft.contracts))

    async def _take(self, draft: Draft, record: Record) -> None:
        event = record.event
        if event is None:
            raise ValueError(record.fault or "an undecodable record")
        reactions = self._by_type.get(event.type)
        if not reactions:
            self.passed[event.type] += 1
            return
        heard = Heard(contract=decode(event.type, event.data), event=event)
        follows = event.attributes.get("traceparent", "")
        notes = {"open_door.service": self._desk.service.name, "messaging.message.id": event.id}
        with step(f"hear {event.type}", follows=follows, kind=HEARD_STEP, notes=notes) as running:
            for reaction in reactions:
                await self._react(draft, reaction, heard, running.traceparent)

    async def _react(
        self, draft: Draft, reaction: Reaction, heard: Heard, traceparent: str
    ) -> None:
        cause = _cause(heard.event, traceparent)
        if reaction.remember:
            await draft.add(HEARD, heard.event.key, _heard(heard.event), cause)
        for to in reaction.does(heard):
            await self._command(draft, to, cause)

    async def _command(self, draft: Draft, to: To, cause: Cause) -> None:
        """A refusal is counted and passed: the domain has judged."""
        row = self._desk.service.row_for(type(to.command))
        try:
            if not to.create and not (await draft.folded(row.on, to.id)).version:
                self.refused["no-such-thing"] += 1
                return
            await draft.decide(row, to.id, to.command, cause)
        except Refused as refusal:
            self.refused[_slug(refusal)] += 1


def _by_type(reactions: Sequence[Reaction]) -> Mapping[str, tuple[Reaction, ...]]:
    rows: dict[str, tuple[Reaction, ...]] = {}
    for one in reactions:
        type_ = spec_of(one.hears).type
        rows[type_] = (*rows.get(type_, ()), one)
    return rows


def _cause(event: CloudEvent, traceparent: str) -> Cause:
    return Cause(
        actor=SYSTEM,
        correlation=event.attributes.get("correlationid", ""),
        causation=event.id,
        traceparent=traceparent,
    )


def _heard(event: CloudEvent) -> ContractHeard:
    data: dict[str, Any] = orjson.loads(event.data)
    return ContractHeard(
        type=event.type,
        source=event.attributes["source"],
        id=event.id,
        n=event.sequence,
        time=event.attributes.get("time", ""),
        data=data,
    )


def _slug(error: OpenDoorError) -> str:
    return error.slug
