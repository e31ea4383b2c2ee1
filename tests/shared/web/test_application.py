"""Tests of shared/web/application.py, mounted as it always is."""

import httpx
import pytest

from shared.runtime.app import host_app
from shared.web.problem_kinds import KINDS
from tests.shared.web.boxes import A_BOX, KEY, Boxes


@pytest.fixture
async def mounted(boxes: Boxes):
    """A caller of the host that mounts the boxes."""
    host = host_app([("intake", boxes.app())])
    transport = httpx.ASGITransport(host, raise_app_exceptions=False)
    headers = {"Authorization": "Bearer trust"}
    async with httpx.AsyncClient(
        transport=transport, base_url="http://host", headers=headers
    ) as client:
        yield client


async def test_a_command_is_answered_under_the_services_name(mounted):
    answer = await mounted.post("/intake/boxes", json=A_BOX, headers=KEY)
    assert answer.status_code == 201
    assert answer.headers["location"] == "/intake/boxes/new"


@pytest.mark.parametrize(
    ("path", "status", "slug"),
    [
        ("/nowhere", 404, "not-found"),
        ("/intake/nowhere", 404, "not-found"),
        ("/intake/failing", 500, "error"),
        ("/intake/boxes/none", 404, "not-found"),
    ],
)
async def test_every_error_is_a_problem_wherever_it_was_raised(mounted, path, status, slug):
    answer = await mounted.get(path, headers={"X-Request-ID": "r-1"})
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == f"/problems/{slug}"
    assert answer.json()["instance"] == "urn:open-door:request:r-1"
    page = await mounted.get(answer.json()["type"], headers={"Accept": "application/json"})
    assert page.json()["title"] == KINDS[slug].title


async def test_host_and_service_say_each_header_once(mounted):
    for path in ("/intake/_ping", "/nowhere"):
        names = [name.lower() for name, _ in (await mounted.get(path)).headers.raw]
        assert len(names) == len(set(names))


async def test_the_page_of_the_api_is_the_same_mounted_or_not(boxes, mounted):
    assert (await mounted.get("/intake/openapi.json")).json() == boxes.app().openapi()


async def test_a_mistaken_word_of_the_permission_table_is_found_at_the_start(boxes):
    with pytest.raises(KeyError):
        boxes.web().actor("make_coffee")
