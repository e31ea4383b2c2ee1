"""Who holds which step under which framework, and the refusal of a step that nobody holds."""

from collections.abc import Iterable
from datetime import date

from shared.nhs.role_table import (
    FRAMEWORK_IDS,
    ROLES,
    STEPS,
    Holder,
    Responsibility,
    Role,
    Step,
)
from shared.nhs.role_words import WORDS, StepWords

__all__ = [
    "HOLDER_RELATION",
    "ROLES",
    "STEPS",
    "WORDS",
    "Holder",
    "Responsibility",
    "Role",
    "RolesIncomplete",
    "Step",
    "StepWords",
    "holders",
    "holders_as",
    "require_complete",
    "steps_without_holder",
    "words",
]

HOLDER_RELATION: dict[Holder, str] = {
    "lead_commissioner": "lead",
    "icb": "lead",
    "associate_commissioner": "associate",
}
"""The relation by which a holder is found for a provider on a day; other holders need none."""


class RolesIncomplete(ValueError):
    """Some step has nobody responsible or nobody accountable; the message names each."""


def holders(
    framework: str, step: str, on: date, *, table: Iterable[Role] = ROLES
) -> tuple[Role, ...]:
    """Every row of a step on a London day, in RASCI order; empty before the framework."""
    return tuple(
        role
        for role in table
        if role.framework == framework and role.step == step and role.in_force(on)
    )


def holders_as(
    framework: str,
    step: str,
    responsibility: Responsibility,
    on: date,
    *,
    table: Iterable[Role] = ROLES,
) -> tuple[Holder, ...]:
    """Who is, say, responsible for a step on a London day."""
    rows = holders(framework, step, on, table=table)
    return tuple(role.holder for role in rows if role.responsibility == responsibility)


def words(framework: str, step: str) -> StepWords:
    """A step in plain words. Raises LookupError for an unknown pair."""
    for one in WORDS:
        if one.framework == framework and one.step == step:
            return one
    raise LookupError("no such step under that framework")


def steps_without_holder(table: Iterable[Role] = ROLES) -> tuple[tuple[str, str, str], ...]:
    """(framework, step, what is lacking) for each step without responsible or accountable."""
    held = {(role.framework, role.step, role.responsibility) for role in table}
    return tuple(
        (framework, step, needed)
        for framework in FRAMEWORK_IDS
        for step in STEPS
        for needed in ("responsible", "accountable")
        if (framework, step, needed) not in held
    )


def require_complete(table: Iterable[Role] = ROLES) -> None:
    """Raises RolesIncomplete, naming every gap; a service does not start with one."""
    gaps = steps_without_holder(table)
    if gaps:
        named = "; ".join(f"{f} {step}: nobody {needed}" for f, step, needed in gaps)
        raise RolesIncomplete(f"steps without a holder: {named}")
