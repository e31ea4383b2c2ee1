"""Generations of a projection's tables: which there are, which is shown, which is followed.

Rows lie in `<table>_g<N>`, a generation each; the plain name is a view of the current one, so that
who reads knows nothing of all this. See docs/adr/0009-generations-of-read-models.md.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Literal

from sqlalchemy import (
    JSON,
    Column,
    Integer,
    MetaData,
    Select,
    String,
    Table,
    and_,
    case,
    literal,
    select,
)
from sqlalchemy.sql import quoted_name

from shared.kernel.errors import Unavailable
from shared.log.base import Store
from shared.log.tables import CURSORS, Instant
from shared.projections.base import LOG_TOPIC, Projection, lease_of, reader_of

METADATA = MetaData()

_WORD = CURSORS.c.reader.type

State = Literal["building", "current", "retired", "dropped"]
"""`building` fills beside the current one; `retired` was current, and those who know no other
follow it still; `dropped` has no tables any more."""

GENERATIONS = Table(
    "projection_generations",
    METADATA,
    Column("name", _WORD, primary_key=True),
    Column("generation", Integer, primary_key=True, autoincrement=False),
    Column("shape", _WORD, nullable=False),
    Column("state", _WORD, nullable=False),
    Column("columns", JSON, nullable=False),
    Column("since", Instant(), nullable=False),
)
"""Every generation that ever was; `columns` by plain table name, `since` when it got its state."""

_G = GENERATIONS.c


class Retired(Exception):
    """What this process followed is gone, and nothing else has the shape that it knows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Generation:
    """One generation; `applied` is its cursor, None where it is followed no more."""

    name: str
    generation: int
    shape: str
    state: State
    columns: Mapping[str, Sequence[str]]
    since: datetime
    applied: int | None

    @property
    def reader(self) -> str:
        return reader_of(self.name, self.generation)

    @property
    def lease(self) -> str:
        return lease_of(self.name, self.shape)

    @property
    def tables(self) -> tuple[str, ...]:
        """The names of the tables in which its rows lie."""
        return tuple(stored_name(one, self.generation) for one in self.columns)


def stored_name(table: str, generation: int) -> str:
    """The table in which a generation's rows of a plain table lie."""
    return f"{table}_g{generation}"


@cache
def stored(tables: tuple[Table, ...], generation: int) -> Mapping[Table, Table]:
    """Each plain table with that of the generation; indexes are named after it."""
    metadata, found = MetaData(), {}
    for table in tables:
        found[table] = table.to_metadata(metadata, name=stored_name(table.name, generation))
        for index in found[table].indexes:
            if index.name is not None:
                index.name = quoted_name(stored_name(index.name, generation), None)
    return found


def listing(name: str | None = None) -> Select[Any]:
    """Every generation with its cursor as `applied`, in order; of one projection, or of all."""
    reader = literal("projection:") + _G.name
    later = reader + literal(":g") + _G.generation.cast(String)
    mine = and_(
        CURSORS.c.reader == case((_G.generation == 1, reader), else_=later),
        CURSORS.c.topic == LOG_TOPIC,
        CURSORS.c.partition == 0,
    )
    statement = select(GENERATIONS, CURSORS.c.n.label("applied")).outerjoin(CURSORS, mine)
    if name is not None:
        statement = statement.where(_G.name == name)
    return statement.order_by(_G.name, _G.generation)


def generation_of(row: Any) -> Generation:
    """A row of `listing` as a value."""
    return Generation(**row._mapping)


async def generations(store: Store, name: str | None = None) -> list[Generation]:
    """Every generation of a projection, or of all, oldest first. Raises Unavailable."""
    return [generation_of(row) for row in await store.read(listing(name))]


async def stand(store: Store, projection: Projection, pinned: int | None = None) -> Generation:
    """The generation that a process with this projection follows: the pinned one, or else of its
    own shape the current one, the newest that fills, the newest that was current.

    Raises Retired where that has been dropped, Unavailable where it has not been begun.
    """
    own = [
        one
        for one in await generations(store, projection.name)
        if one.shape == projection.shape and pinned in (None, one.generation)
    ]
    for state in ("current", "building", "retired"):
        for one in reversed(own):
            if one.state == state and one.applied is not None:
                return one
    if own:
        raise Retired(f"The read model {projection.name} goes on in a newer form.")
    raise Unavailable(
        f"The read model {projection.name} has not been built in this version's form: "
        "run `opendoor projections build`.",
        # Once it is begun and shown, somebody must follow it at once.
        retry_after=0,
    )


async def applied_now(store: Store, name: str) -> int:
    """The position that what is shown of a projection has applied, whoever fills it; 0 where
    nothing is shown. Raises Unavailable."""
    rows = await store.read(listing(name).where(_G.state == "current"))
    return int(rows[0].applied or 0) if rows else 0
