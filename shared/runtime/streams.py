"""Streams of the own service: loaded, opened and folded; and events sealed for them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import orjson

from shared.kernel.decider import Aggregate
from shared.log.base import Log, NewEvent, Recorded
from shared.log.codec import Codec
from shared.log.meta import Meta
from shared.log.plans import OpenText, sealed_values
from shared.privacy.sealing import SealKey, key_id_of, open_sealed, seal
from shared.privacy.vault import Vault

S = TypeVar("S")


@dataclass(frozen=True, slots=True, kw_only=True)
class Folded(Generic[S]):
    """A stream's state and version, and the id of the key that sealed each scope of it last."""

    state: S
    version: int
    keys: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def empty(cls, aggregate: Aggregate[S]) -> "Folded[S]":
        return cls(state=aggregate.initial, version=0)


class Streams:
    """Reads and writes the events of one service's aggregates, sealed texts included."""

    def __init__(self, log: Log, codec: Codec, vault: Vault) -> None:
        self._log = log
        self._codec = codec
        self._vault = vault

    async def load(self, aggregate: Aggregate[S], id_: str) -> Folded[S]:
        """The stream folded; version 0 where there is none. Raises Unavailable."""
        recorded = await self._log.stream(aggregate.stream(id_))
        keys = keys_of(recorded)
        events = await self._opened(aggregate, recorded)
        return Folded(
            state=aggregate.fold(events),
            version=recorded[-1].version if recorded else 0,
            keys={scope: ids[-1] for scope, ids in keys.items()},
        )

    async def story(self, aggregate: Aggregate[Any], id_: str) -> list[tuple[Any, Recorded]]:
        """(event with its texts opened, where it stands), in order."""
        recorded = await self._log.stream(aggregate.stream(id_))
        events = await self._opened(aggregate, recorded)
        return list(zip(events, recorded, strict=True))

    async def encode(
        self, stream: str, version: int, event: Any, meta: Meta, folded: Folded[Any]
    ) -> tuple[NewEvent, Mapping[str, str]]:
        """The event's bytes, sealed under the record's keys, and the keys of the stream after it.

        A scope without a key, or whose key was destroyed, gets a fresh one: what is said after an
        erasure is not erased by it.
        """
        scopes = _scopes(self._codec, stream, version, event, meta)
        keys = {scope: await self._key(folded.keys.get(scope)) for scope in scopes}

        def under(scope: str, path: str, text: str) -> str:
            return seal(keys[scope], stream, path, text)

        new = self._codec.encode(stream, version, event, meta, under)
        return new, {**folded.keys, **{scope: key.id for scope, key in keys.items()}}

    async def _key(self, key_id: str | None) -> SealKey:
        known = await self._vault.sealing_key(key_id) if key_id else None
        return known or await self._vault.key_for_new()

    async def _opened(self, aggregate: Aggregate[Any], recorded: Sequence[Recorded]) -> list[Any]:
        ids = {one for ids in keys_of(recorded).values() for one in ids}
        keys = await self._vault.keys(ids)

        def opening(stream: str) -> OpenText:
            return lambda token, path: open_sealed(keys, token, stream, path)

        return [self._codec.decode(one, aggregate, opening(one.stream)) for one in recorded]


def keys_of(recorded: Sequence[Recorded]) -> dict[str, list[str]]:
    """The ids of the keys that sealed each scope of these events, oldest first."""
    found: dict[str, list[str]] = {}
    for one in recorded:
        if b"$sealed" not in one.data:
            continue
        for scope, token in sealed_values(orjson.loads(one.data)):
            ids = found.setdefault(scope, [])
            if (key_id := key_id_of(token)) not in ids:
                ids.append(key_id)
    return found


def _scopes(codec: Codec, stream: str, version: int, event: Any, meta: Meta) -> list[str]:
    """The scopes that an event seals under, found by writing it once without sealing."""
    scopes: dict[str, None] = {}

    def note(scope: str, path: str, text: str) -> str:
        scopes[scope] = None
        return ""

    codec.encode(stream, version, event, meta, note)
    return list(scopes)
