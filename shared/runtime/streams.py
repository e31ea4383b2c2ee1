"""Streams of the own service: loaded, opened and folded; and events sealed for them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from shared.kernel.decider import Aggregate
from shared.log.base import Log
from shared.log.codec import Codec
from shared.privacy.vault import Vault

S = TypeVar("S")


@dataclass(frozen=True, slots=True, kw_only=True)
class Folded(Generic[S]):
    """A stream's state and version, and the key id under which each scope of it is sealed."""

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
