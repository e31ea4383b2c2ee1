"""What is recorded beside every event: who, why and when, never a name."""

from dataclasses import dataclass, fields

import orjson


@dataclass(frozen=True, slots=True, kw_only=True)
class Meta:
    """The circumstances of one command, the same for all its events.

    `command` is an id of its own for every command, so that equal content decided twice has two
    digests. `client`, `organisation` (ODS code), `kind` and `person` (an HMAC, "" for the system)
    say who acted; `at` is the business clock, RFC 3339 UTC; `correlation`, `causation` and
    `traceparent` tie it to what led to it; `backfill` marks history being filled in; `filed` is
    what a receipt is made of: the id of the key that signs it, a full stop, and the digest of what
    was filed.
    """

    command: str
    at: str
    correlation: str = ""
    causation: str = ""
    client: str = ""
    organisation: str = ""
    kind: str = ""
    person: str = ""
    traceparent: str = ""
    backfill: bool = False
    filed: str = ""

    def encode(self) -> bytes:
        """JSON without what is empty."""
        return orjson.dumps({name: held for name in _NAMES if (held := getattr(self, name))})

    @classmethod
    def decode(cls, stored: bytes) -> "Meta":
        """From stored bytes; what this code does not know is passed by."""
        found = orjson.loads(stored)
        return cls(**{name: held for name, held in found.items() if name in _NAMES})


_NAMES = tuple(one.name for one in fields(Meta))
