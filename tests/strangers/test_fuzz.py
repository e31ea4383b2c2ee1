"""Generated requests, alone and along links, over the three documents: no 5xx, and nothing that the
documents do not say. `make fuzz` is the long form."""

import random
from collections.abc import Iterator, Mapping
from typing import Any

import httpx
import pytest
import schemathesis
from fastapi import Response

from shared.kernel.clock import SystemClock
from shared.runtime.app import host_app
from shared.web.openness import ANYONE
from tests.journeys.walks import NATIONAL, TRUST, VISITING
from tests.kit.processes import SERVICES
from tests.shared.web.boxes import Boxes
from tests.strangers.asking import Asking
from tests.strangers.fuzzing import Budget, Found, Fuzz, lines, schema_at
from tests.strangers.staged import Staged, staged

SHORT = Budget(each=1, walks=3, modes=1)
READERS = {
    "intake": (TRUST, "trust", "p1"),
    "assurance": (VISITING, "commissioner", "p1"),
    "learning": (NATIONAL, "author", "a1"),
}
OPERATOR = (NATIONAL, "operator", "o1")


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Staged]:
    with staged(tmp_path_factory.mktemp("stage")) as made:
        yield made


@pytest.mark.timeout(300)
def test_every_answer_is_in_the_documents(stage: Staged):
    seed = random.randrange(2**32)
    prepare, found = Asking(stage), Found()
    for service in SERVICES:
        Fuzz(schema_at(stage.url, service), prepare, found).run(SHORT, seed)
    assert not found.faults, "\n".join((f"seed {seed}", *lines(found)))
    assert len(found.succeeded()) > 10


@pytest.mark.parametrize("service", SERVICES)
def test_every_link_of_a_list_leads_to_what_is_there(stage: Staged, service: str):
    """Links are written by rule, so the rule is tried on real lists."""
    document = schema_at(stage.url, service).raw_schema
    tried = 0
    for path, methods in document["paths"].items():
        answers = methods.get("get", {}).get("responses", {})
        for ref in answers.get("200", {}).get("links", {}).values():
            name = ref["$ref"].rsplit("/", 1)[-1]
            if name.endswith(".listed"):
                tried += followed(stage, service, path, document["components"]["links"][name])
    assert tried


def followed(stage: Staged, service: str, path: str, link: Mapping[str, Any]) -> bool:
    """Whether the list has an item; the link's expression must give its id then."""
    person = OPERATOR if path in ("/relations", "/successions") else READERS[service]
    token = stage.world.token(*person)
    headers = {"Authorization": f"Bearer {token}"}
    listed = httpx.get(f"{stage.url}/{service}{path}", headers=headers).json()["items"]
    for expression in link["parameters"].values() if listed else ():
        place = expression.removeprefix("$response.body#/items/0/")
        assert listed[0][place], (path, link)
    return bool(listed)


def planted(status: int, body: bytes) -> Fuzz:
    """An application of boxes whose list is answered as no document says."""
    boxes = Boxes(SystemClock())
    boxes.hub.close()
    app = boxes.app()

    @app.get("/planted", dependencies=[ANYONE])
    async def planted() -> Response:
        return Response(body, status, media_type="application/json")

    schema = schemathesis.openapi.from_asgi("/intake/openapi.json", host_app([("intake", app)]))
    return Fuzz(schema.include(path="/planted"), lambda case: None)


@pytest.mark.parametrize(
    ("status", "says"), [(418, "Undocumented status code"), (500, "Server error")]
)
def test_an_answer_that_no_document_says_is_found(status: int, says: str):
    found = planted(status, b"{}").run(Budget(each=1, walks=0), 1)
    assert found.asked
    assert any(says in fault for fault in found.faults), found.faults
