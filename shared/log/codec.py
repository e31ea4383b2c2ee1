"""Events as stored bytes and back: sealed, named, numbered and brought up to date."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import orjson

from shared.kernel.decider import Aggregate
from shared.kernel.errors import Broken
from shared.kernel.messages import event_name, event_schema
from shared.kernel.words import ERASED
from shared.log.base import NewEvent, Recorded
from shared.log.meta import Meta as Meta
from shared.log.plans import (
    SEALED,
    OpenText,
    SealText,
    StillSealed,
    dump,
    is_gone,
    is_sealed,
    plan_of,
)

Upcast = Callable[[dict[str, Any]], dict[str, Any]]


def leave_sealed(token: str, path: str) -> StillSealed:
    """Opens nothing: a view keeps the token, and a query opens it at the last moment."""
    return StillSealed(token, path)


class Unsealed(NamedTuple):
    """Stands in the place of a token until the key of its scope is at hand."""

    scope: str
    path: str
    text: str


class Prepared:
    """An event written as plain JSON but for its sealed fields: `scopes` names those whose keys
    `sealed` needs, so that they can be fetched in between."""

    def __init__(self, stream: str, version: int, event: object, meta: Meta | bytes) -> None:
        self._where = stream, version
        self._cls = type(event)
        self._meta = meta if isinstance(meta, bytes) else meta.encode()
        self._unsealed: list[Unsealed] = []
        write = plan_of(self._cls).write
        self._plain = write(event, "", event, self._later) if write else {}

    @property
    def scopes(self) -> list[str]:
        """Each once, in the order of the fields."""
        return list(dict.fromkeys(one.scope for one in self._unsealed))

    def sealed(self, seal: SealText) -> NewEvent:
        """The event's bytes, every sealed field sealed by `seal(scope, field path, text)`."""
        stream, version = self._where
        return NewEvent(
            stream=stream,
            version=version,
            type=event_name(self._cls),
            schema=event_schema(self._cls),
            data=dump(self._plain, lambda one: seal(*one)),
            meta=self._meta,
        )

    def _later(self, scope: str, path: str, text: str) -> Unsealed:
        one = Unsealed(scope, path, text)
        self._unsealed.append(one)
        return one


class Codec:
    """The events of one service's aggregates, by wire name and schema.

    Raises Broken at once when a name means two classes, a field has a type that the log cannot
    hold, or a chain of upcasters has a gap.
    """

    def __init__(self, aggregates: Sequence[Aggregate[Any]]) -> None:
        self._classes: dict[str, type[Any]] = {}
        self._upcasters: dict[tuple[str, int], Upcast] = {}
        self._of: dict[str, frozenset[str]] = {}
        for aggregate in aggregates:
            self._register(aggregate)

    def prepare(self, stream: str, version: int, event: object, meta: Meta | bytes) -> "Prepared":
        """The event as it will stand there, once its sealed fields are sealed."""
        return Prepared(stream, version, event, meta)

    def encode(
        self, stream: str, version: int, event: object, meta: Meta | bytes, seal: SealText
    ) -> NewEvent:
        """The event with every sealed field sealed by `seal(scope, field path, text)`."""
        return self.prepare(stream, version, event, meta).sealed(seal)

    def decode(self, recorded: Recorded, aggregate: Aggregate[Any], open_: OpenText) -> Any:
        """The event in today's form, sealed fields given by `open_(token, field path)`.

        Raises Broken for an event that the aggregate does not know, or that does not read.
        """
        if recorded.type not in self._of.get(aggregate.name, ()):
            raise Broken(
                f"{recorded.stream} holds {recorded.type}, which {aggregate.name} does not know."
            )
        return self._decode(recorded, open_)

    def decode_known(self, recorded: Recorded, open_: OpenText = leave_sealed) -> Any | None:
        """As `decode`, of any aggregate; None for an event that this code does not know."""
        return self._decode(recorded, open_) if recorded.type in self._classes else None

    def _decode(self, recorded: Recorded, open_: OpenText) -> Any:
        cls = self._classes[recorded.type]
        read = plan_of(cls).read
        try:
            plain = orjson.loads(recorded.data)
            if recorded.schema != event_schema(cls):
                plain = self._upcast(recorded, cls, plain, open_)
            return read(plain, "", open_) if read else cls()
        except (TypeError, ValueError, AttributeError, LookupError) as error:
            raise Broken(
                f"Position {recorded.position} does not read as {recorded.type}."
            ) from error

    def _upcast(
        self, recorded: Recorded, cls: type[Any], plain: dict[str, Any], open_: OpenText
    ) -> dict[str, Any]:
        if recorded.schema > event_schema(cls):
            raise Broken(f"Position {recorded.position} was written by newer code than this.")
        # Opened first: a token is bound to the path under which it was sealed.
        plain = _opened(plain, "", open_)
        for schema in range(recorded.schema, event_schema(cls)):
            plain = self._upcasters[recorded.type, schema](plain)
        return plain

    def _register(self, aggregate: Aggregate[Any]) -> None:
        for cls in aggregate.events:
            if self._classes.setdefault(event_name(cls), cls) is not cls:
                raise Broken(f"Two events are called {event_name(cls)}.")
            plan_of(cls)
        self._of[aggregate.name] = frozenset(event_name(cls) for cls in aggregate.events)
        _require_chains(aggregate)
        self._upcasters.update(aggregate.upcasters)


def _require_chains(aggregate: Aggregate[Any]) -> None:
    needed = {
        (event_name(cls), schema)
        for cls in aggregate.events
        for schema in range(1, event_schema(cls))
    }
    given: Mapping[tuple[str, int], Upcast] = aggregate.upcasters
    wrong = needed.symmetric_difference(given)
    if wrong:
        name, schema = min(wrong)
        raise Broken(f"{aggregate.name}: the upcaster of {name} from schema {schema} is amiss.")


def _opened(plain: Any, path: str, open_: OpenText) -> Any:
    """Stored data with every sealed field opened in its place."""
    if is_sealed(plain):
        return open_(plain[SEALED], path)
    if is_gone(plain):
        return ERASED
    below = path and f"{path}/"
    if isinstance(plain, dict):
        return {name: _opened(held, f"{below}{name}", open_) for name, held in plain.items()}
    if isinstance(plain, list):
        return [_opened(held, f"{below}{i}", open_) for i, held in enumerate(plain)]
    return plain
