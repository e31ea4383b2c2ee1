"""Who is given an event, and what is recorded of it."""

from dataclasses import dataclass, field
from typing import Any

import orjson
import pytest
from fastapi import Request, Response

from services.intake.api.reading import sight_of, told
from services.intake.domain.access import RecordReading
from services.intake.domain.incident.messages.passages import SubjectErased
from shared.kernel.decider import Actor
from shared.kernel.errors import NotFound, Unavailable
from shared.security.permissions import allowed
from shared.web.concurrency import versioned
from tests.intake import builders as make
from tests.intake.reach import reach_of, relation

COMMISSIONER = make.actor("commissioner", make.CCG)
STORY = [make.reported(make.passage(1)), make.classified()]
ASKED = Request({"type": "http", "method": "GET", "headers": []})
HELD = Request({"type": "http", "method": "GET", "headers": [(b"if-none-match", b'W/"2"')]})


@dataclass(slots=True)
class Web:
    """The manners that reading uses; `recorded` is what was recorded of it."""

    reach: Any
    gone: bool = False
    recorded: list[tuple[str, Any, Actor]] = field(default_factory=list)

    def require(self, permission: str, actor: Actor, relations: frozenset[str]) -> None:
        if not allowed(permission, actor, relations):
            raise NotFound("Not yours to see.")

    def versioned(self, request: Request, version: int, body: Any) -> Response:
        return versioned(request, version, body)

    async def record(self, id_: str, command: Any, actor: Actor) -> int:
        if self.gone:
            raise Unavailable("The database is gone.")
        self.recorded.append((id_, command, actor))
        return 1


@pytest.fixture
async def web(connection) -> Any:
    return Web(await reach_of(connection, {"e1": STORY}, [relation(make.TRUST, make.CCG)]))


async def read(web, actor, request=ASKED):
    return await told(web, request, await sight_of(web, "e1", actor), {"id": "e1"}, "record", 1)


async def test_the_trust_reads_without_a_trace(web):
    response = await read(web, make.TRUST_LEAD)
    assert orjson.loads(response.body) == {"id": "e1"}
    assert response.headers["etag"] == 'W/"2"'
    assert web.recorded == []


async def test_a_reading_by_another_organisation_is_recorded(web):
    await read(web, COMMISSIONER)
    command = RecordReading(part="record", version=2, passages_withheld=1)
    assert web.recorded == [("e1", command, COMMISSIONER)]


async def test_what_a_caller_holds_already_is_not_read_again(web):
    assert (await read(web, COMMISSIONER, HELD)).status_code == 304
    assert web.recorded == []


async def test_what_cannot_be_recorded_is_not_told(web):
    web.gone = True
    with pytest.raises(Unavailable):
        await read(web, COMMISSIONER)


@pytest.mark.parametrize(
    ("event", "actor"),
    [
        ("e1", make.actor("trust", "RVJ")),
        ("e1", make.actor("national", "X26")),
        ("e9", COMMISSIONER),
    ],
)
async def test_what_is_not_yours_to_see_is_not_there(web, event, actor):
    with pytest.raises(NotFound):
        await sight_of(web, event, actor)


async def test_an_earlier_version_reads_as_it_stood(web):
    sight = await sight_of(web, "e1", make.TRUST_LEAD)
    assert sight.at(1).incident.standing is None
    assert sight.at(2).incident.standing == make.classified()
    for version in (0, 3):
        with pytest.raises(NotFound):
            sight.at(version)


async def test_what_was_erased_since_is_not_shown_in_an_earlier_version(connection):
    erased = SubjectErased(scope="record", patient=None, ground="retention")
    web: Any = Web(await reach_of(connection, {"e1": [*STORY, erased]}))
    sight = await sight_of(web, "e1", make.TRUST_LEAD)
    assert sight.at(1).incident.texts == {}
