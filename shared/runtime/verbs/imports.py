"""`import`: reference tables for every service, and who commissions whom as assurance's events."""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from shared.kernel.decider import Actor
from shared.kernel.errors import Misconfigured
from shared.nhs.importing import (
    parse_adoptions,
    parse_commissioners,
    parse_organisations,
    parse_relations,
    parse_trusts,
)
from shared.nhs.organisations import BadRegister, Register, Row
from shared.nhs.tables import Parsed
from shared.runtime.counting import counted
from shared.runtime.engine import open_engine
from shared.runtime.existing import open_existing, require_known
from shared.runtime.reference import import_adoptions, import_organisations
from shared.runtime.service import Service
from shared.runtime.settings import Settings
from shared.runtime.worker import carry_out

T = TypeVar("T")

OPERATOR = Actor(
    client="opendoor-import",
    person="",
    organisation="X26",
    kind="national",
    roles=frozenset({"operator"}),
)

REGISTERS: dict[str, Callable[[str], Parsed[Row]]] = {
    "trusts": parse_trusts,
    "commissioners": parse_commissioners,
    "organisations": parse_organisations,
}
SHOWN = 5
"""Faults of a file that are told; the rest is counted."""


def organisations(services: Sequence[Service], settings: Settings, file: Path, format: str) -> str:
    """Adds a register to each service. Raises Misconfigured naming each faulty line."""
    rows = _sound(file, REGISTERS[format](_text(file)))
    try:
        register = Register.of(rows)
    except BadRegister as error:
        raise Misconfigured(f"{file}: {error}.") from None

    async def run() -> int:
        return sum([await _into(service, settings, register) for service in services])

    changed = asyncio.run(run())
    read = counted(len(register), "organisation")
    return f"{read} read; {changed} of {len(services)} services changed."


async def _into(service: Service, settings: Settings, register: Register) -> bool:
    log = open_existing(service, settings)
    try:
        await require_known(service, log)
        return await import_organisations(log.store, register)
    finally:
        await log.close()


def adoptions(services: Sequence[Service], settings: Settings, file: Path) -> str:
    """Adds rows on adopted frameworks to each service. Raises Misconfigured."""
    rows = _sound(file, parse_adoptions(_text(file)))

    async def run() -> None:
        for service in services:
            log = open_existing(service, settings)
            try:
                await require_known(service, log)
                await import_adoptions(log.store, rows)
            finally:
                await log.close()

    asyncio.run(run())
    return f"{counted(len(rows), 'adoption')} recorded in each service."


def relations(assurance: Service, settings: Settings, file: Path) -> str:
    """Records relations as events. Raises Misconfigured naming each faulty line."""
    if assurance.imports_relations is None:
        raise Misconfigured(f"{assurance.name} keeps no relations.")
    rows = _sound(file, parse_relations(_text(file)))
    commands = assurance.imports_relations(rows)

    async def run() -> int:
        engine = await open_engine(assurance, settings)
        try:
            return sum([await carry_out(engine, to, OPERATOR) for to in commands])
        finally:
            await engine.close()

    changed = asyncio.run(run())
    read, new = counted(len(rows), "relation"), counted(changed, "was", "were")
    return f"{read} read; {new} new or changed."


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise Misconfigured(f"{file} is not UTF-8 text.") from None


def _sound(file: Path, parsed: Parsed[T]) -> tuple[T, ...]:
    if parsed.faults:
        told = "; ".join(str(fault) for fault in parsed.faults[:SHOWN])
        more = len(parsed.faults) - SHOWN
        rest = f"; and {more} more" if more > 0 else ""
        raise Misconfigured(f"{file}: nothing was imported: {told}{rest}.")
    return parsed.rows
