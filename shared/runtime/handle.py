"""The way of one request: decide, publish, seal, append; and the same answer for a repeat."""

import time
from collections.abc import Mapping
from typing import Any

from shared.kernel.decider import Actor
from shared.kernel.errors import (
    AlreadyExists,
    Broken,
    Contended,
    KeyReused,
    NotAllowed,
    PreconditionFailed,
    Refused,
    Unavailable,
)
from shared.log.appender import Appender
from shared.log.base import Appended, Conflict, KeyUsed, Log, Request, RequestKey
from shared.runtime.drafting import Cause, Desk, Draft
from shared.runtime.signing import Signer
from shared.security.evidence import Receipt
from shared.security.permissions import may_ask
from shared.web.asked import Asked, Done

TRIES = 8
"""How often a command is decided anew when others changed its streams meanwhile."""
UNRECORDED_SECONDS = 60.0
"""How long a command that could not be recorded is told of, unless one is recorded before."""


class Handle:
    """Carries out what is asked of one service."""

    def __init__(self, desk: Desk, log: Log, appender: Appender, signer: Signer) -> None:
        self._desk = desk
        self._log = log
        self._appender = appender
        self._signer = signer
        self._unrecorded = ("", 0.0)

    @property
    def unrecorded(self) -> str:
        """Why the last command could not be recorded, where that is less than a minute ago."""
        why, until = self._unrecorded
        return why if time.monotonic() < until else ""

    async def __call__(self, asked: Asked) -> Done:
        """One command, durably done once for its key. Raises any OpenDoorError.

        A refusal looks the key up before it is answered, so that a repeat of what succeeded
        always gets the first result (H5).
        """
        if not may_ask(asked.row.may, asked.actor):
            raise NotAllowed("Your role does not include this step.")
        try:
            done = await self._done(asked)
            self._unrecorded = ("", 0.0)
            return done
        except (Refused, PreconditionFailed):
            earlier = await self._earlier(asked)
            if earlier is None:
                raise
            return earlier
        except Unavailable as error:
            self._unrecorded = error.detail, time.monotonic() + UNRECORDED_SECONDS
            raise

    async def carry_out(self, id_: str, command: Any, actor: Actor) -> int | None:
        """What follows from a reading or from time: decided without a request key and without a
        right of its own. The log's position after it, None where nothing followed.

        Raises Refused, Contended, and whatever else stops it.
        """
        row = self._desk.service.row_for(type(command))
        for _ in range(TRIES):
            draft = Draft(self._desk)
            cause = Cause(actor=actor, correlation=self._desk.ids.new())
            await draft.decide(row, id_, command, cause)
            if not draft.events:
                return None
            outcome = await self._appender.append(draft.entry())
            if isinstance(outcome, Appended):
                return outcome.position
        raise _contended()

    async def _done(self, asked: Asked) -> Done:
        id_, fresh = self._identify(asked)
        filed = await self._signer.filed(id_, asked.body) if asked.row.receipt else ""
        for _ in range(TRIES):
            draft = Draft(self._desk)
            if fresh:
                draft.begin(asked.row.on, id_)
            version = await self._decide(draft, asked, id_, filed)
            if not draft.events:
                return await self._unchanged(asked, id_, version)
            outcome = await self._append(draft, asked, id_, version)
            if isinstance(outcome, Appended):
                receipt = await self._receipt(id_, filed, draft, outcome) if filed else {}
                return _answer(asked, id_, version, outcome.position, receipt)
            if isinstance(outcome, KeyUsed):
                return await self._repeated(asked)
            if fresh and outcome.stream == asked.row.on.stream(id_):
                raise AlreadyExists("This record exists already.", link=id_)
        raise _contended()

    def _identify(self, asked: Asked) -> tuple[str, bool]:
        if asked.row.target is not None:
            return asked.row.target(asked.command, asked.actor), False
        if asked.id is not None:
            return asked.id, False
        name = asked.row.on.name
        parts = asked.row.identify(asked.command, asked.actor)
        if parts is None:
            return self._desk.ids.derive(name, "request", asked.scope, asked.key), True
        return self._desk.ids.derive(name, "thing", *parts), True

    async def _decide(self, draft: Draft, asked: Asked, id_: str, filed: str) -> int:
        before = await draft.admitted(asked.row, id_, asked.actor)
        wanted = asked.expected_version
        if wanted is not None and wanted != before.version and before.version:
            raise PreconditionFailed(
                "The record has changed since you read it; read it again and repeat."
            )
        cause = Cause(
            actor=asked.actor,
            correlation=asked.correlation,
            traceparent=asked.traceparent,
            filed=filed,
        )
        return (await draft.decide(asked.row, id_, asked.command, cause)).version

    async def _append(
        self, draft: Draft, asked: Asked, id_: str, version: int
    ) -> Appended | KeyUsed | Conflict:
        key = RequestKey(
            client=asked.scope,
            key=asked.key,
            fingerprint=asked.fingerprint,
            stream=asked.row.on.stream(id_),
            version=version,
            status=asked.row.status,
        )
        outcome = await self._appender.append(draft.entry(key))
        if isinstance(outcome, Appended | KeyUsed | Conflict):
            return outcome
        raise Broken("A request moved a reader's cursor.")

    async def _unchanged(self, asked: Asked, id_: str, version: int) -> Done:
        """Nothing to do: the thing as it is, or the first result where this very request did it."""
        earlier = await self._earlier(asked)
        if earlier is not None:
            return earlier
        position = (await self._log.head()).position
        return Done(
            id=id_, version=version, position=position, status=200, repeated=False, extra={}
        )

    async def _repeated(self, asked: Asked) -> Done:
        earlier = await self._earlier(asked)
        if earlier is None:
            raise Broken("A key is used and not to be found.")
        return earlier

    async def _earlier(self, asked: Asked) -> Done | None:
        bound = await self._log.request(asked.scope, asked.key)
        if bound is None:
            return None
        if bound.fingerprint != asked.fingerprint:
            raise KeyReused("This key was used for another request; use a new key for a new one.")
        id_ = asked.row.on.id_of(bound.stream)
        receipt = await self._given(id_, bound.stream) if asked.row.receipt else {}
        return _first_result(asked, bound, receipt)

    async def _receipt(
        self, id_: str, filed: str, draft: Draft, outcome: Appended
    ) -> Mapping[str, Any]:
        """The receipt of what was filed just now: about its last event, whose place is told."""
        stream = draft.events[0].stream
        if draft.events[-1].stream != stream:
            return await self._given(id_, stream)
        return self._beside(id_, await self._signer.receipt_of(id_, filed, outcome))

    async def _given(self, id_: str, stream: str) -> Mapping[str, Any]:
        """The receipt of what was filed earlier; nothing where there was none yet."""
        recorded = await self._log.stream(stream)
        receipt = await self._signer.receipt(id_, recorded)
        return self._beside(id_, receipt) if receipt else {}

    def _beside(self, id_: str, receipt: Receipt) -> Mapping[str, Any]:
        return {"receipt": receipt, "receipt_salt": self._signer.salt(id_)}


def _contended() -> Contended:
    return Contended("Others kept changing this record; try again.", retry_after=1)


def _answer(asked: Asked, id_: str, version: int, position: int, extra: Mapping[str, Any]) -> Done:
    return Done(
        id=id_,
        version=version,
        position=position,
        status=asked.row.status,
        repeated=False,
        extra=extra,
    )


def _first_result(asked: Asked, bound: Request, extra: Mapping[str, Any]) -> Done:
    return Done(
        id=asked.row.on.id_of(bound.stream),
        version=bound.version,
        position=bound.position,
        status=bound.status,
        repeated=True,
        extra=extra,
    )
