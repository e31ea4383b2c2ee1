"""Streams of the own service: loaded, opened and folded; and events sealed for them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import orjson

from shared.kernel.decider import Aggregate
from shared.log.base import Log, NewEvent, Recorded
from shared.log.codec import Codec
from shared.log.meta import Meta
from shared.log.plans import RECORD, OpenText, sealed_values
from shared.privacy.sealing import SealKey, key_id_of, open_sealed, seal
from shared.privacy.vault import Vault

S = TypeVar("S")


@dataclass(frozen=True, slots=True, kw_only=True)
class Folded(Generic[S]):
    """A stream's state and version, and the id of the key that goes on sealing each scope."""

    state: S
    version: int
    keys: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def empty(cls, aggregate: Aggregate[S]) -> "Folded[S]":
        return cls(state=aggregate.initial, version=0)


class Streams:
    """Reads and writes the events of one service's aggregates, sealed texts included.

    `erases` are the events by which texts are erased. From one on the scopes that it names
    get fresh keys, also while the worker has not yet destroyed the old ones.
    """

    def __init__(
        self, log: Log, codec: Codec, vault: Vault, erases: tuple[type[Any], ...] = ()
    ) -> None:
        self._log = log
        self._codec = codec
        self._vault = vault
        self._erases = erases

    async def load(self, aggregate: Aggregate[S], id_: str) -> Folded[S]:
        """The stream folded; version 0 where there is none. Raises Unavailable."""
        recorded = await self._log.stream(aggregate.stream(id_))
        events = await self._opened(aggregate, recorded)
        return Folded(
            state=aggregate.fold(events),
            version=recorded[-1].version if recorded else 0,
            keys=self._last_keys(events, recorded),
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

        A scope without a key, or whose texts were erased, gets a fresh one: what is said after an
        erasure is not erased by it.
        """
        prepared = self._codec.prepare(stream, version, event, meta)
        keys = {scope: await self._key(folded.keys.get(scope)) for scope in prepared.scopes}
        new = prepared.sealed(lambda scope, path, text: seal(keys[scope], stream, path, text))
        held = {**folded.keys, **{scope: key.id for scope, key in keys.items()}}
        return new, self._kept(held, event)

    def _last_keys(self, events: Sequence[Any], recorded: Sequence[Recorded]) -> dict[str, str]:
        last: dict[str, str] = {}
        for event, one in zip(events, recorded, strict=True):
            last |= {scope: ids[-1] for scope, ids in keys_of((one,)).items()}
            last = self._kept(last, event)
        return last

    def _kept(self, keys: dict[str, str], event: Any) -> dict[str, str]:
        """What goes on sealing after this event."""
        if not isinstance(event, self._erases):
            return keys
        gone = scopes_erased(event, keys)
        return {scope: one for scope, one in keys.items() if scope not in gone}

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


def scopes_erased(event: Any, scopes: Iterable[str]) -> list[str]:
    """Those of a stream's scopes that an erasure names: a whole `record` takes reporter and
    patients with it."""
    scope = getattr(event, "scope", RECORD)
    if scope == RECORD:
        return list(scopes)
    word = f"patient/{event.patient}" if scope == "patient" else scope
    return [word] if word in scopes else []
