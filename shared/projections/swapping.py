"""A generation's life in the database: begun, shown in the place of another, dropped."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, delete, insert, inspect, select, text, update

from shared.kernel.errors import NotNow
from shared.log.leases import real_now
from shared.log.schema import hold_schema
from shared.log.tables import CURSORS, EVENTS
from shared.projections.base import LOG_TOPIC, Projection, reader_of
from shared.projections.generations import (
    GENERATIONS,
    Generation,
    State,
    generation_of,
    listing,
    stored,
    stored_name,
)

PATIENCE = "400ms"
"""How long PostgreSQL waits for a reader before it gives a swap up: whoever reads meanwhile waits
as long, and it lies below `deadlock_timeout`, so that no reader is ever chosen to fail."""

_READ_ONLY = """
CREATE TRIGGER "{name}_is_read" INSTEAD OF INSERT OR UPDATE OR DELETE ON {view}
FOR EACH ROW EXECUTE FUNCTION refuse_change()
"""
"""For PostgreSQL, where a plain view could be written to; SQLite's cannot."""

BEFORE = "before"
"""The shape of plain tables that are not those of today."""

CatchUp = Callable[[Connection, int], bool]
"""Applies what a generation lacks up to a position, in the transaction at hand; False where it
cannot."""

_G = GENERATIONS.c


def never(connection: Connection, goal: int) -> bool:
    """For whoever shows what is there, and nothing else."""
    return False


def found(connection: Connection, projections: Sequence[Projection]) -> None:
    """Makes generation 1 of what has none: of the plain tables that an older version kept, or
    empty where nothing was recorded yet. Anything else is left to be built."""
    hold_schema(connection, PATIENCE)
    GENERATIONS.create(connection, checkfirst=True)
    empty = connection.execute(select(EVENTS.c.position).limit(1)).first() is None
    for one in projections:
        if _of(connection, one.name):
            continue
        held = _plain_columns(connection, one)
        if held:
            _adopt(connection, one, held)
        elif empty:
            _show(connection, one, _begun(connection, one, 1), None)


def begin(
    connection: Connection,
    projection: Projection,
    *,
    anew: bool = False,
    others_stopped: bool = False,
) -> Generation:
    """The generation to fill in the projection's shape: one that was begun or retired and can go
    on, or else a new, empty one. What is current already is answered as it is, unless a further
    one of the same shape is asked for with `anew`. Raises NotNow as `swap` will."""
    hold_schema(connection)
    held = _of(connection, projection.name)
    own = [one for one in held if one.shape == projection.shape and one.applied is not None]
    current = [one for one in held if one.state == "current"]
    if current and current[-1] in own and not anew:
        return current[-1]
    if current and not others_stopped:
        _require_columns(current[-1], projection)
    begun = [one for one in own if one.state == "building" or (one.state == "retired" and not anew)]
    if begun:
        return begun[-1]
    return _begun(connection, projection, _next(connection, projection))


def swap(
    connection: Connection,
    projection: Projection,
    generation: int,
    *,
    catch_up: CatchUp = never,
    others_stopped: bool = False,
) -> bool:
    """Shows this generation under the plain names; False, with nothing changed, where the one
    that is shown has applied more and `catch_up` cannot make up for it.

    One transaction: the cursors are held, so that neither moves meanwhile; then the views. Under
    load the shown one is always a hair ahead, hence what is lacking is applied while it is held. A
    former generation of the same shape ends at once: its followers come over. Raises NotNow where
    tables or columns that an older version may read would be gone, unless `others_stopped`.
    """
    hold_schema(connection, PATIENCE)
    held = {one.generation: one for one in _of(connection, projection.name)}
    mine = held.get(generation)
    if mine is None or mine.applied is None:
        return False
    before = next((one for one in held.values() if one.state == "current"), None)
    if before == mine:
        return True
    if before is not None and not others_stopped:
        _require_columns(before, projection)
    goal = _applied(connection, before) if before else 0
    if _applied(connection, mine) < goal and not catch_up(connection, goal):
        return False
    _show(connection, projection, mine, before)
    return True


def drop(connection: Connection, gone: Generation) -> None:
    """Removes a generation's tables and cursor; it must not be current. One that was never
    current is forgotten, so that its shape can be begun again."""
    hold_schema(connection, PATIENCE)
    held = {one.generation: one for one in _of(connection, gone.name)}
    if gone.generation not in held or held[gone.generation].state == "current":
        return
    for table in gone.tables:
        connection.execute(text(f"DROP TABLE IF EXISTS {_quoted(connection, table)}"))
    _end(connection, gone)
    if gone.state == "building":
        connection.execute(delete(GENERATIONS).where(*_is(gone)))
    else:
        _mark(connection, gone, "dropped")


def _plain_columns(connection: Connection, projection: Projection) -> dict[str, list[str]]:
    """The columns of those tables of its that an older version kept under their plain names."""
    there = inspect(connection)
    names = set(there.get_table_names()) & {one.name for one in projection.tables}
    return {name: [str(one["name"]) for one in there.get_columns(name)] for name in sorted(names)}


def _adopt(
    connection: Connection, projection: Projection, columns: Mapping[str, Sequence[str]]
) -> None:
    """Plain tables become generation 1 with all that they hold: in the shape of today where they
    have its columns, and in one to be replaced otherwise."""
    # Their cursor first, as a projector does: it must not stand in the way of one that runs.
    reader = reader_of(projection.name)
    here = select(CURSORS.c.n).where(CURSORS.c.reader == reader).with_for_update()
    cursor = connection.execute(here).first()
    for table in columns:
        old, new = _quoted(connection, table), _quoted(connection, stored_name(table, 1))
        connection.execute(text(f"ALTER TABLE {old} RENAME TO {new}"))
    today = {one.name: set(one.columns.keys()) for one in projection.tables}
    same = projection.version == 1 and today == {name: set(one) for name, one in columns.items()}
    _record(
        connection,
        projection,
        1,
        shape=projection.shape if same else BEFORE,
        columns={name: list(one) for name, one in columns.items()},
    )
    if cursor is None:
        _cursor(connection, projection, 1)
    _show(connection, projection, _of(connection, projection.name)[0], None)


def _require_columns(current: Generation, projection: Projection) -> None:
    """Raises NotNow where tables or columns that others may read would be gone."""
    kept = {table.name: set(table.columns.keys()) for table in projection.tables}
    for table, columns in current.columns.items():
        gone = sorted(set(columns) - kept.get(table, set()))
        if gone:
            raise NotNow(
                f"{projection.name}: {table} would lose {', '.join(gone)}, which an older version "
                "reads: stop that first, then say --others-stopped."
            )


def _of(connection: Connection, name: str) -> list[Generation]:
    return [generation_of(row) for row in connection.execute(listing(name))]


def _next(connection: Connection, projection: Projection) -> int:
    """A number that no generation of the same name or of the same tables ever had."""
    tables = {one.name for one in projection.tables}
    numbers = [
        one.generation
        for one in map(generation_of, connection.execute(listing()))
        if one.name == projection.name or tables & set(one.columns)
    ]
    return max(numbers, default=0) + 1


def _begun(connection: Connection, projection: Projection, number: int) -> Generation:
    tables = stored(projection.tables, number)
    for table in tables.values():
        table.create(connection)
    _record(connection, projection, number)
    _cursor(connection, projection, number)
    return _of(connection, projection.name)[-1]


def _cursor(connection: Connection, projection: Projection, number: int) -> None:
    """Made here and never by a follower: one whose cursor is gone must not begin another."""
    reader = reader_of(projection.name, number)
    connection.execute(insert(CURSORS).values(reader=reader, topic=LOG_TOPIC, partition=0, n=0))


def _record(connection: Connection, projection: Projection, number: int, **other: Any) -> None:
    told = {
        "name": projection.name,
        "generation": number,
        "shape": projection.shape,
        "state": "building",
        "columns": {one.name: list(one.columns.keys()) for one in projection.tables},
        "since": real_now(connection.dialect.name),
    }
    connection.execute(insert(GENERATIONS).values({**told, **other}))


def _show(
    connection: Connection, projection: Projection, mine: Generation, before: Generation | None
) -> None:
    """Moves the plain names over and writes down who is current."""
    others = connection.execute(
        select(_G.columns).where(_G.state == "current", _G.name != projection.name)
    )
    kept = {table for row in others for table in row.columns}
    named = dict.fromkeys([*(before.columns if before else ()), *mine.columns])
    for table in named:
        if table in mine.columns or table not in kept:
            connection.execute(text(f"DROP VIEW IF EXISTS {_quoted(connection, table)}"))
    for table, columns in mine.columns.items():
        _view(connection, table, columns, mine.generation)
    if before is not None:
        _mark(connection, before, "retired")
        if before.shape == mine.shape:
            _end(connection, before)
    _mark(connection, mine, "current")


def _view(connection: Connection, table: str, columns: Sequence[str], number: int) -> None:
    listed = ", ".join(_quoted(connection, one) for one in columns)
    source = _quoted(connection, stored_name(table, number))
    view = f"CREATE VIEW {_quoted(connection, table)} AS SELECT {listed} FROM {source}"  # noqa: S608 - names of our own tables, quoted
    connection.execute(text(view))
    if number > 1 and connection.dialect.name == "postgresql":
        # One from before there were generations would write to the plain name for ever.
        connection.execute(text(_READ_ONLY.format(name=table, view=_quoted(connection, table))))


def _applied(connection: Connection, one: Generation) -> int:
    """Its cursor, held until the transaction ends."""
    here = CURSORS.c.reader == one.reader, CURSORS.c.topic == LOG_TOPIC, CURSORS.c.partition == 0
    row = connection.execute(select(CURSORS.c.n).where(*here).with_for_update()).first()
    return int(row.n) if row else 0


def _mark(connection: Connection, one: Generation, state: State) -> None:
    since = real_now(connection.dialect.name)
    connection.execute(update(GENERATIONS).where(*_is(one)).values(state=state, since=since))


def _end(connection: Connection, one: Generation) -> None:
    """Without a cursor nobody follows it any further."""
    here = CURSORS.c.reader == one.reader, CURSORS.c.topic == LOG_TOPIC
    connection.execute(delete(CURSORS).where(*here))


def _is(one: Generation) -> tuple[Any, ...]:
    return _G.name == one.name, _G.generation == one.generation


def _quoted(connection: Connection, name: str) -> str:
    return connection.dialect.identifier_preparer.quote(name)
