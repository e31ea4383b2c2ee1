"""The packaged reference set: some real organisations, and fixture relations to develop with."""

from functools import cache
from importlib.resources import files
from typing import TypeVar

from shared.nhs.importing import parse_organisations, parse_relations, parse_successions
from shared.nhs.organisations import Register
from shared.nhs.relations import Relation, Succession
from shared.nhs.tables import Parsed

T = TypeVar("T")

NHS_ENGLAND = "X26"


class BadPackage(ValueError):
    """A packaged table has a fault: the installation is damaged."""


@cache
def register() -> Register:
    """The packaged register: what `migrate` loads until an operator imports a fuller one."""
    return Register.of(_sound("organisations.tsv", parse_organisations(_read("organisations.tsv"))))


@cache
def fixture_relations() -> tuple[Relation, ...]:
    """Twelve plausible leads among the packaged organisations: development and tests only."""
    return _sound("fixture_relations.tsv", parse_relations(_read("fixture_relations.tsv")))


@cache
def fixture_successions() -> tuple[Succession, ...]:
    """Mergers and the ICBs of July 2022 among them: development and tests only."""
    return _sound("fixture_successions.tsv", parse_successions(_read("fixture_successions.tsv")))


def _read(name: str) -> str:
    return (files("shared.nhs") / "reference_data" / name).read_text(encoding="utf-8")


def _sound(name: str, parsed: Parsed[T]) -> tuple[T, ...]:
    if parsed.faults:
        raise BadPackage(f"{name}: {parsed.faults[0]}")
    return parsed.rows
