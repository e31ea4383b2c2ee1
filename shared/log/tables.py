"""The tables of a service's log, for PostgreSQL and SQLite alike."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Dialect,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.types import TypeEngine

METADATA = MetaData()
"""The log's own tables: one set in each service's database."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def to_micros(moment: datetime) -> int:
    """Microseconds since 1970, exactly (a float of seconds would lose the last digit)."""
    return (moment - EPOCH) // timedelta(microseconds=1)


def from_micros(micros: int) -> datetime:
    """The instant of so many microseconds since 1970, in UTC."""
    return EPOCH + timedelta(microseconds=micros)


class Instant(TypeDecorator[datetime]):
    """An instant in UTC: `timestamptz` on PostgreSQL, microseconds since 1970 on SQLite."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        kind: TypeEngine[Any] = (
            DateTime(timezone=True) if dialect.name == "postgresql" else BigInteger()
        )
        return dialect.type_descriptor(kind)

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None or dialect.name == "postgresql":
            return value
        return to_micros(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.astimezone(UTC) if isinstance(value, datetime) else from_micros(value)


_WORD = Text().with_variant(Text(collation="C"), "postgresql")
"""Names are compared byte by byte: cheaper, and the same order on both databases."""
_COUNT = BigInteger()


def _column(name: str, kind: TypeEngine[Any]) -> Column[Any]:
    return Column(name, kind, nullable=False)


EVENTS = Table(
    "events",
    METADATA,
    # SQLite makes a primary key the row id only when its type is exactly INTEGER.
    Column(
        "position",
        BigInteger().with_variant(Integer(), "sqlite"),
        primary_key=True,
        autoincrement=False,
    ),
    _column("stream", _WORD),
    _column("version", _COUNT),
    _column("type", _WORD),
    _column("schema", Integer()),
    _column("recorded_at", Instant()),
    _column("data", LargeBinary()),
    _column("meta", LargeBinary()),
    _column("digest", LargeBinary()),
    _column("hash", LargeBinary()),
    UniqueConstraint("stream", "version", name="events_stream_version"),
)

PUBLISHED = Table(
    "published",
    METADATA,
    _column("topic", _WORD),
    _column("partition", Integer()),
    _column("n", _COUNT),
    Column("position", _COUNT),
    _column("id", _WORD),
    _column("type", _WORD),
    _column("key", _WORD),
    _column("subject", _WORD),
    _column("time", Text()),
    _column("recorded_at", Instant()),
    _column("attributes", LargeBinary()),
    _column("data", LargeBinary()),
    PrimaryKeyConstraint("topic", "partition", "n", name="published_pkey"),
)

REQUEST_KEYS = Table(
    "request_keys",
    METADATA,
    _column("client", _WORD),
    _column("key", _WORD),
    _column("fingerprint", LargeBinary()),
    _column("stream", _WORD),
    _column("version", _COUNT),
    _column("position", _COUNT),
    _column("status", Integer()),
    _column("recorded_at", Instant()),
    PrimaryKeyConstraint("client", "key", name="request_keys_pkey"),
)

CURSORS = Table(
    "cursors",
    METADATA,
    _column("reader", _WORD),
    _column("topic", _WORD),
    _column("partition", Integer()),
    _column("n", _COUNT),
    PrimaryKeyConstraint("reader", "topic", "partition", name="cursors_pkey"),
)

LEASES = Table(
    "leases",
    METADATA,
    Column("name", _WORD, primary_key=True),
    _column("owner", _WORD),
    _column("expires_at", Instant()),
)

DEAD_LETTERS = Table(
    "dead_letters",
    METADATA,
    _column("reader", _WORD),
    _column("topic", _WORD),
    _column("partition", Integer()),
    _column("n", _COUNT),
    _column("key", _WORD),
    _column("record", LargeBinary()),
    _column("error", Text()),
    _column("state", _WORD),
    _column("attempts", Integer()),
    _column("at", Instant()),
    Column("reason", Text()),
    PrimaryKeyConstraint("reader", "topic", "partition", "n", name="dead_letters_pkey"),
)

BUS_STATE = Table(
    "bus_state",
    METADATA,
    Column("owner", _WORD, primary_key=True),
    _column("down", Integer()),
    _column("why", Text()),
    _column("until", Instant()),
)
"""What each worker last said of the bus; it holds `until` then."""

TASK_STATES = Table(
    "task_states",
    METADATA,
    _column("owner", _WORD),
    _column("task", _WORD),
    _column("standing", _WORD),
    _column("why", Text()),
    _column("since", Instant()),
    _column("until", Instant()),
    PrimaryKeyConstraint("owner", "task", name="task_states_pkey"),
)
"""The tasks of each worker that do not run, as it last said; it holds `until` then."""

PARKED = "parked"
"""The state of a dead letter that nobody has dealt with."""
