"""Tests of shared/web/problems.py: every error is a problem, with its page."""

from html import escape

import orjson
import pytest
from fastapi import Response

from shared.kernel import errors
from shared.kernel.errors import (
    AlreadyExists,
    Broken,
    Contended,
    FieldFault,
    Incomplete,
    Malformed,
    NotAllowed,
    NotAuthenticated,
    NotNow,
    OpenDoorError,
    ReadModelBehind,
)
from shared.web.problem_kinds import KINDS
from shared.web.problems import Problem, install, problem_of, render
from shared.web.series import ResumeGone
from tests.shared.web.boxes import A_BOX, KEY, client_of


def classes(cls: type[OpenDoorError]) -> list[type[OpenDoorError]]:
    return [cls, *(one for sub in cls.__subclasses__() for one in classes(sub))]


KERNEL = [one for one in classes(OpenDoorError) if one.__module__ == errors.__name__]


@pytest.mark.parametrize("cls", KERNEL)
def test_every_error_class_of_the_kernel_has_one_row(cls: type[OpenDoorError]):
    assert cls.slug in KINDS


def test_no_two_error_classes_share_a_row():
    assert len({cls.slug for cls in KERNEL}) == len(KERNEL)


@pytest.mark.parametrize(
    ("cls", "status"),
    [
        (errors.Refused, 409),
        (errors.Invalid, 422),
        (errors.Incomplete, 422),
        (errors.NotNow, 409),
        (errors.AlreadyExists, 409),
        (errors.NotFound, 404),
        (errors.NotAllowed, 403),
        (errors.Malformed, 400),
        (errors.NotAuthenticated, 401),
        (errors.PreconditionMissing, 428),
        (errors.PreconditionFailed, 412),
        (errors.KeyReused, 422),
        (errors.SeriesRewound, 409),
        (errors.SeriesGone, 410),
        (errors.Busy, 503),
        (errors.ReadModelBehind, 503),
        (errors.Unavailable, 503),
        (errors.Broken, 500),
        (errors.Misconfigured, 500),
    ],
)
def test_a_failure_has_the_number_that_callers_rely_on(cls, status):
    assert KINDS[cls.slug].status == status


def body_of(problem: Problem) -> dict[str, object]:
    return dict(orjson.loads(bytes(render(problem, {"type": "http"}).body)))


def test_a_problem_says_what_a_caller_can_act_on():
    fault = FieldFault(pointer="/a", code="missing", message="This field is needed.")
    assert body_of(problem_of(Malformed("No.", "bad-json", [fault]))) == {
        "type": "/problems/bad-json",
        "title": "The body is not JSON",
        "status": 400,
        "detail": "No.",
        "instance": "urn:open-door:request:unknown",
        "errors": [{"pointer": "/a", "code": "missing", "message": "This field is needed."}],
    }


@pytest.mark.parametrize(
    ("error", "member", "held"),
    [
        (Incomplete("closing", ["lessons"]), "missing", ["lessons"]),
        (AlreadyExists("There.", "/intake/events/e"), "link", "/intake/events/e"),
        (ReadModelBehind(9, 4), "wanted", 9),
        (ReadModelBehind(9, 4), "applied", 4),
        (ResumeGone(5, 9, "/archive"), "oldest", 5),
        (ResumeGone(5, 9, "/archive"), "head", 9),
    ],
)
def test_further_members(error, member, held):
    assert body_of(problem_of(error))[member] == held


@pytest.mark.parametrize(
    ("error", "header", "held"),
    [
        (ReadModelBehind(9, 4), "retry-after", "1"),
        (Contended("Again.", retry_after=3), "retry-after", "3"),
        (NotAuthenticated("token-expired", "Old."), "www-authenticate", "Bearer"),
    ],
)
def test_headers(error, header, held):
    assert render(problem_of(error), {}).headers[header] == held


def test_a_slug_of_its_own_keeps_the_status_of_its_kind():
    assert problem_of(NotAllowed("No.", "scope-missing")).slug == "scope-missing"
    assert problem_of(NotAllowed("No.", "never-heard-of")).slug == "not-allowed"


def test_what_is_ours_to_mend_keeps_its_inside_to_itself():
    assert "chain" not in str(body_of(problem_of(Broken("The chain breaks at position 7."))))


@pytest.mark.parametrize(
    ("method", "path", "status", "slug"),
    [
        ("GET", "/nowhere", 404, "not-found"),
        ("DELETE", "/boxes", 405, "method-not-allowed"),
        ("GET", "/boxes?limit=0", 422, "invalid"),
        ("GET", "/boxes?limit=9999999999999999999999", 422, "invalid"),
        ("GET", "/boxes?limit=many", 400, "malformed"),
        ("GET", "/boxes?colour=9991234567", 422, "invalid"),
        ("GET", "/boxes/9991%20234567", 404, "not-found"),
        ("GET", "/failing", 500, "error"),
        ("GET", "/problems/never-heard-of", 404, "not-found"),
        ("GET", "/schemas/never.heard.of", 404, "not-found"),
    ],
)
async def test_the_frameworks_own_refusals_are_problems_too(client, method, path, status, slug):
    answer = await client.request(method, path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == f"/problems/{slug}"
    assert answer.json()["status"] == status
    # The request's own id is drawn by chance, and may hold these digits.
    assert "999" not in str({**answer.json(), "instance": ""})
    assert "words" not in answer.text


async def test_405_names_the_methods(client):
    assert "POST" in (await client.delete("/boxes")).headers["allow"]


async def test_an_error_of_the_handler_is_a_problem_with_the_request_named(boxes, client):
    def refuse(asked):
        raise NotNow("The box is broken.")

    boxes.answer = refuse
    headers = {**KEY, "X-Request-ID": "r-1"}
    answer = await client.post("/boxes", json=A_BOX, headers=headers)
    assert answer.status_code == 409
    assert answer.json()["detail"] == "The box is broken."
    assert answer.json()["instance"] == "urn:open-door:request:r-1"


async def test_an_unexpected_error_is_logged_by_class_and_place_without_its_text(client, log_lines):
    answer = await client.get("/failing")
    assert answer.status_code == 500
    (line,) = [one for one in log_lines if one["event"] == "web.unexpected"]
    assert line["type"] == "builtins.ZeroDivisionError"
    assert "boxes:fail" in line["at"][-1]
    assert "words" not in str(log_lines)


async def test_an_invalid_bodys_text_is_in_no_log(client, log_lines, caplog):
    body = {"owner": "private words", "made_on": "private words", "private": "private words"}
    answer = await client.post("/boxes", json=body, headers=KEY)
    assert answer.status_code == 400
    assert "private words" not in answer.text + str(log_lines) + caplog.text


async def test_each_kind_has_its_page(client):
    for slug, kind in KINDS.items():
        as_html = await client.get(f"/problems/{slug}", headers={"Accept": "text/html"})
        assert as_html.status_code == 200
        assert escape(kind.title) in as_html.text
        as_json = await client.get(f"/problems/{slug}", headers={"Accept": "application/json"})
        assert as_json.json()["status"] == kind.status


async def test_the_pages_need_no_token(boxes):
    async with client_of(boxes.app(), role=None) as anyone:
        assert (await anyone.get("/problems")).status_code == 200
        listed = await anyone.get("/problems", headers={"Accept": "application/json"})
        assert len(listed.json()) == len(KINDS)


async def test_a_form_of_its_own_by_prefix(boxes):
    app = boxes.app()
    install(app, {"/nowhere": lambda problem, scope: Response(problem.slug, problem.kind.status)})
    async with client_of(app) as client:
        answer = await client.get("/nowhere/AdverseEvent")
        assert (answer.status_code, answer.text) == (404, "not-found")
        assert (await client.get("/elsewhere")).json()["status"] == 404
