"""Every failure by name; the edge alone gives it a number.

OpenDoorError
├── Refused                 the domain says no; nothing was recorded
│   ├── Invalid             a field's meaning is wrong            (pointer, code, message)
│   ├── Incomplete          something is missing                  (what)
│   ├── NotNow              the thing is in another state
│   ├── AlreadyExists       the thing is there already            (link)
│   ├── NotFound            no such thing, or not yours to see
│   └── NotAllowed          you may not do this
├── Malformed               the request cannot be read            (slug, pointer)
├── NotAuthenticated        the token does not hold               (slug)
├── Mismatch                what the caller relied on has changed
│   ├── PreconditionMissing
│   ├── PreconditionFailed
│   ├── KeyReused           same key, other payload
│   ├── SeriesRewound       a position beyond the head
│   └── SeriesGone          a resume point older than what is kept
├── Busy                    try again                             (retry_after)
│   ├── Contended           others kept changing the thing
│   ├── ReadModelBehind     (wanted, applied)
│   └── Unavailable         database, key store or issuer is gone
├── Broken                  this log, record or configuration cannot be trusted
└── Misconfigured           the process must not start so
"""

from collections.abc import Sequence
from dataclasses import dataclass


class OpenDoorError(Exception):
    """The root: `detail` is a sentence a person can act on and never holds a submitted value."""

    slug = "error"

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldFault:
    """One field's fault: RFC 6901 `pointer`, stable `code`, our own `message`."""

    pointer: str
    code: str
    message: str


class Refused(OpenDoorError):
    """The domain says no."""

    slug = "refused"


class Invalid(Refused):
    """A field is well-formed but means something impossible."""

    slug = "invalid"

    def __init__(self, pointer: str, code: str, message: str) -> None:
        super().__init__(message)
        self.faults: Sequence[FieldFault] = (
            FieldFault(pointer=pointer, code=code, message=message),
        )


class Incomplete(Refused):
    """What a step needs is missing; `missing` names each thing in plain words."""

    slug = "incomplete"

    def __init__(self, subject: str, missing: Sequence[str]) -> None:
        begins = subject[:1].upper() + subject[1:]
        super().__init__(f"{begins}: still missing {', '.join(missing)}.")
        self.missing = tuple(missing)


class NotNow(Refused):
    """The thing is in a state that does not allow this step."""

    slug = "not-now"


class AlreadyExists(Refused):
    """The thing is there already; `link` is its path."""

    slug = "already-exists"

    def __init__(self, detail: str, link: str | None = None) -> None:
        super().__init__(detail)
        self.link = link


class NotFound(Refused):
    """No such thing, or none that the caller may see (M8)."""

    slug = "not-found"


class NotAllowed(Refused):
    """The caller is known and may not do this; `slug` says which kind of refusal it is."""

    slug = "not-allowed"

    def __init__(self, detail: str, slug: str = "not-allowed") -> None:
        super().__init__(detail)
        self.slug = slug


class Malformed(OpenDoorError):
    """A request that cannot be read as what it should be; `faults` point at fields."""

    slug = "malformed"

    def __init__(
        self, detail: str, slug: str = "malformed", faults: Sequence[FieldFault] = ()
    ) -> None:
        super().__init__(detail)
        self.slug = slug
        self.faults = tuple(faults)


class NotAuthenticated(OpenDoorError):
    """A token that does not hold; `slug` is one of M5's kinds."""

    slug = "token-malformed"

    def __init__(self, slug: str, detail: str) -> None:
        super().__init__(detail)
        self.slug = slug


class Mismatch(OpenDoorError):
    """What the caller relied on is no longer so."""

    slug = "mismatch"


class PreconditionMissing(Mismatch):
    """An If-Match header is needed here."""

    slug = "precondition-required"


class PreconditionFailed(Mismatch):
    """The version named in If-Match is not the current one."""

    slug = "precondition-failed"


class KeyReused(Mismatch):
    """The same request key came with another payload."""

    slug = "idempotency-key-reused"


class SeriesRewound(Mismatch):
    """A position beyond the head: the log was restored to an earlier day, or it is wrong."""

    slug = "series-rewound"


class SeriesGone(Mismatch):
    """A resume point older than what is kept."""

    slug = "series-gone"


class Busy(OpenDoorError):
    """Nothing is wrong with the request; try again after `retry_after` seconds."""

    slug = "busy"

    def __init__(self, detail: str, retry_after: int = 1) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class Contended(Busy):
    """Others kept changing the same thing."""

    slug = "contended"


class ReadModelBehind(Busy):
    """A read model has not yet applied the position asked for."""

    slug = "read-model-behind"

    def __init__(self, wanted: int, applied: int) -> None:
        super().__init__("The read model has not caught up with that position yet.", 1)
        self.wanted = wanted
        self.applied = applied


class Unavailable(Busy):
    """The database, the key store or the issuer cannot be reached."""

    slug = "unavailable"


class Broken(OpenDoorError):
    """A log, record or series that cannot be trusted: stop and let a person look."""

    slug = "broken"


class Misconfigured(OpenDoorError):
    """Settings with which this process must not start."""

    slug = "misconfigured"
