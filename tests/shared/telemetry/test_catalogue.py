"""The catalogue: every line that the code logs stands in it, with fields that may be logged."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

import services
import shared
from shared.telemetry.catalogue import CATALOGUE, UNLISTED
from shared.telemetry.redaction import FIELDS

LEVELS = {"debug", "info", "warning", "error", "critical", "exception"}
BY_THE_BRIDGE = {"library"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call of a logger: its word (None where it is not written out) and its fields' names."""

    place: str
    word: str | None
    fields: frozenset[str]


def calls_in(source: str, place: str) -> Iterator[Call]:
    for node in ast.walk(ast.parse(source)):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        if node.func.attr not in LEVELS or not _is_logger(node.func.value):
            continue
        first = node.args[0] if node.args else None
        word = first.value if isinstance(first, ast.Constant) else None
        yield Call(
            place=f"{place}:{node.lineno}",
            word=word if isinstance(word, str) else None,
            fields=frozenset(one.arg or "**" for one in node.keywords),
        )


def _is_logger(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id in ("log", "logger", "_log")


def every_call() -> list[Call]:
    roots = [Path(path) for package in (services, shared) for path in package.__path__]
    files = [file for root in roots for file in sorted(root.rglob("*.py"))]
    return [
        call
        for file in files
        if file.parent.name != "telemetry"
        for call in calls_in(file.read_text(), f"{file.parent.name}/{file.name}")
    ]


def faults(calls: list[Call]) -> list[str]:
    unlisted = [f"{one.place}: {one.word}" for one in calls if one.word not in CATALOGUE]
    fields = [
        f"{one.place}: {name}"
        for one in calls
        for name in sorted(one.fields - FIELDS.keys() - {"exc_info"})
    ]
    return unlisted + fields


def test_every_line_of_the_code_is_catalogued_with_fields_that_may_be_logged():
    assert faults(every_call()) == []


def test_the_catalogue_holds_no_line_that_nobody_writes():
    written = {call.word for call in every_call()} | BY_THE_BRIDGE
    assert CATALOGUE.keys() - written == set()


@pytest.mark.parametrize(
    "planted",
    ['log.info("never_heard_of")', "log.info(f'x')", 'log.error("task_red", body=1)', "log.info()"],
)
def test_a_planted_fault_is_found(planted: str):
    assert faults(list(calls_in(planted, "planted"))) != []


def test_codes_are_unique_and_well_formed():
    codes = [line.code for line in CATALOGUE.values()]
    assert len(set(codes)) == len(codes)
    assert UNLISTED not in codes
    for line in CATALOGUE.values():
        assert line.code.startswith("OD-LOG-")
        assert len(line.code) == len(UNLISTED)
        assert line.sentence.endswith(".")
