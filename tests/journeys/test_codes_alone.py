"""Codes that somebody writes freely: none can carry who a person is into what is told."""

from collections.abc import Iterator
from typing import Any, get_args

import pytest
from pydantic import StringConstraints, TypeAdapter, ValidationError

from services.__main__ import load_services
from services.demonstration.story_2018 import connected_to_air
from shared.kernel.words import Id, OdsCode, hints_of, seal_of
from tests.journeys.doors import Asks, Doors, json_of
from tests.journeys.planting import nhs_number

pytestmark = pytest.mark.asyncio(loop_scope="module")

NUMBER = nhs_number(7)
NAMING = (f"John.Smith.{NUMBER}", NUMBER, "john@example.org", "07700900123", "John.Smith")
JUDGED = {
    "service_area",
    "agents",
    "level_of_concern",
    "reporter/why_anonymous",
    "type",
    "subtype",
    "list",
    "answers/criterion",
    "applies_to/settings",
    "applies_to/never_event_types/list",
    "applies_to/never_event_types/type",
    "applies_to/medicines",
    "scope",
    "subjects/id",
}
"""Fields that a decider compares with a published list, or with what there is; ids and codes of
organisations are looked up likewise, or pass the gate."""


def codes(cls: type[Any], path: str = "") -> Iterator[tuple[str, Any]]:
    """Every clear text of a command by its place, with the type that limits it."""
    for name, hint in hints_of(cls).items():
        if not seal_of(hint):
            yield from _in_hint(hint, f"{path}/{name}" if path else name)


def _in_hint(hint: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(hint, type) and hasattr(hint, "__dataclass_fields__"):
        yield from codes(hint, path)
    elif any(isinstance(one, StringConstraints) for one in get_args(hint)):
        yield path, hint
    else:
        for one in get_args(hint):
            yield from _in_hint(one, path)


FREE = sorted(
    {
        (f"{command.type.__name__}/{path}", hint)
        for service in load_services()
        for command in service.commands
        if command.route
        for path, hint in codes(command.type)
        if path not in JUDGED and hint not in (Id, OdsCode)
    },
    key=lambda one: one[0],
)


@pytest.mark.parametrize(("place", "hint"), FREE, ids=[one for one, _ in FREE])
@pytest.mark.parametrize("text", NAMING)
async def test_a_code_that_no_list_holds_takes_no_person(place: str, hint: Any, text: str):
    with pytest.raises(ValidationError):
        TypeAdapter(hint).validate_python(text)


@pytest.mark.parametrize("code", ["medical_gases", "medical-gas", "year_2018", "head_of_estates"])
async def test_plain_words_are_taken(code: str):
    hint = dict(FREE)["CloseCase/themes"]
    assert TypeAdapter(hint).validate_python(code) == code


@pytest.mark.parametrize("name", ["occurred_at", "leads"])
async def test_an_organisation_that_is_a_person_is_refused(doors: Doors, name: str):
    content = json_of({**connected_to_air("2018-12-14"), name: NUMBER})
    problem = await doors.refused(Asks(content=content), 422, "invalid", f"/{name}")
    assert NUMBER not in str(problem)


async def test_an_unknown_organisation_is_still_taken(doors: Doors):
    content = json_of({**connected_to_air("2018-12-14"), "occurred_at": "ZZ99"})
    assert (await doors.send(Asks(content=content))).status_code == 201


@pytest.mark.parametrize("text", [NUMBER, "patient@example.org", f"ward-{NUMBER}"])
async def test_a_correlation_that_names_a_person_is_refused(doors: Doors, text: str):
    content = json_of(connected_to_air("2018-12-14"))
    asks = Asks(content=content, headers={"X-Correlation-ID": text})
    problem = await doors.refused(asks, 400, "malformed")
    assert text not in str(problem)
