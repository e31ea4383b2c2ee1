"""Reference data of a service's database: organisations and adopted frameworks, with a version."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime
from functools import partial
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Date,
    DateTime,
    Integer,
    MetaData,
    String,
    Table,
    delete,
    insert,
    select,
)

from shared.log.base import Store
from shared.log.schema import hold_schema
from shared.nhs.frameworks import FrameworkAdoption
from shared.nhs.organisations import Register, Row

REFERENCE = MetaData()

ORGANISATIONS = Table(
    "organisations",
    REFERENCE,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("code", String(12), nullable=False, index=True),
    Column("attribute", String(20), nullable=False),
    Column("value", String(300), nullable=False),
    Column("from_", Date),
    Column("to", Date),
    Column("certain", Boolean, nullable=False),
)

ADOPTIONS = Table(
    "framework_adoptions",
    REFERENCE,
    Column("provider", String(12), primary_key=True),
    Column("framework", String(20), primary_key=True),
    Column("from_", Date, primary_key=True),
)

VERSIONS = Table(
    "reference_versions",
    REFERENCE,
    Column("name", String(40), primary_key=True),
    Column("version", String(64), nullable=False),
    Column("imported_at", DateTime(timezone=True), nullable=False),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """What a process holds in memory: immutable, replaced whole when an import is noticed."""

    register: Register
    adoptions: tuple[FrameworkAdoption, ...]
    version: str


async def load_reference(store: Store) -> Reference:
    """The reference data as last imported."""
    # Read first: an import meanwhile makes the version old, and the next look loads again.
    version = await version_of(store)
    rows = await store.read(select(ORGANISATIONS))
    adopted = await store.read(select(ADOPTIONS))
    return Reference(
        register=Register.of(_row(one) for one in rows),
        adoptions=tuple(
            FrameworkAdoption(provider=one.provider, framework=one.framework, from_=one.from_)
            for one in adopted
        ),
        version=version,
    )


async def version_of(store: Store) -> str:
    """The versions of all imported sets, in one word."""
    return _word(await store.read(_ALL_VERSIONS))


_ALL_VERSIONS = select(VERSIONS.c.name, VERSIONS.c.version).order_by(VERSIONS.c.name)


def _word(rows: Iterable[Any]) -> str:
    return ",".join(f"{name}={version}" for name, version in rows)


async def import_organisations(store: Store, register: Register) -> bool:
    """Adds a register to what is there (its codes win), after whoever does so at the same time.
    False where nothing changed."""
    while True:
        held = await load_reference(store)
        merged = held.register.merged(register)
        if merged.version == held.register.version:
            return False
        if await store.write(partial(_replace, register=merged, instead_of=held.version)):
            return True


async def import_adoptions(store: Store, adoptions: Sequence[FrameworkAdoption]) -> None:
    """Adds rows on which provider adopted which framework from when."""
    now = datetime.now(UTC)

    def job(connection: Connection) -> None:
        hold_schema(connection)
        for one in adoptions:
            same = (ADOPTIONS.c.provider == one.provider) & (ADOPTIONS.c.from_ == one.from_)
            connection.execute(delete(ADOPTIONS).where(same))
            connection.execute(
                insert(ADOPTIONS).values(
                    provider=one.provider, framework=one.framework, from_=one.from_
                )
            )
        _note(connection, "adoptions", now.isoformat(), now)

    await store.write(job)


def _replace(connection: Connection, register: Register, instead_of: str) -> bool:
    hold_schema(connection)
    if _word(connection.execute(_ALL_VERSIONS)) != instead_of:
        return False
    connection.execute(delete(ORGANISATIONS))
    rows = [{"id": n, **_columns(row)} for n, row in enumerate(register.rows, start=1)]
    for start in range(0, len(rows), 1000):
        connection.execute(insert(ORGANISATIONS), rows[start : start + 1000])
    _note(connection, "organisations", register.version, datetime.now(UTC))
    return True


def _note(connection: Connection, name: str, version: str, now: datetime) -> None:
    connection.execute(delete(VERSIONS).where(VERSIONS.c.name == name))
    connection.execute(insert(VERSIONS).values(name=name, version=version, imported_at=now))


def _columns(row: Row) -> dict[str, str | date | bool | None]:
    return {one.name: getattr(row, one.name) for one in fields(row)}


def _row(stored: Any) -> Row:
    return Row(
        code=stored.code,
        attribute=stored.attribute,
        value=stored.value,
        from_=stored.from_,
        to=stored.to,
        certain=bool(stored.certain),
    )
