"""Errors as application/problem+json (RFC 9457): what the domain named is numbered here."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import orjson
import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.kernel.errors import (
    AlreadyExists,
    Broken,
    Busy,
    FieldFault,
    Incomplete,
    Invalid,
    Malformed,
    Misconfigured,
    NotAuthenticated,
    NotFound,
    OpenDoorError,
    ReadModelBehind,
)
from shared.telemetry.errors import told
from shared.web.faults import parameter_error
from shared.web.problem_kinds import KINDS, Kind

log = structlog.get_logger(__name__)

PROBLEM = "application/problem+json"
REQUEST_ID = "open_door.request_id"
"""Where an ASGI scope holds the request's id."""

HTTP_SLUGS: Mapping[int, str] = {
    401: "token-missing",
    403: "not-allowed",
    404: "not-found",
    405: "method-not-allowed",
    406: "not-acceptable",
    413: "too-large",
    415: "unsupported-media-type",
    429: "quota-exceeded",
    503: "unavailable",
}
"""The framework's own refusals by status; any other 4xx is `malformed`, any other 5xx `error`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One problem to answer; `extensions` are further members, `headers` further headers."""

    slug: str
    kind: Kind
    detail: str
    extensions: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


def problem_of(error: OpenDoorError) -> Problem:
    """The problem that an error of ours is. What is ours to mend says nothing of its inside."""
    slug = error.slug if error.slug in KINDS else type(error).slug
    kind = KINDS[slug]
    inside = kind.status == 500
    return Problem(
        slug=slug,
        kind=kind,
        detail=kind.meaning if inside else error.detail,
        extensions=_extensions(error),
        headers=_headers(error),
    )


def _extensions(error: OpenDoorError) -> Mapping[str, Any]:
    match error:
        case Invalid() | Malformed():
            return {"errors": _faults(error.faults)} if error.faults else {}
        case Incomplete():
            return {"missing": list(error.missing)}
        case AlreadyExists():
            return {"link": error.link} if error.link else {}
        case ReadModelBehind():
            return {"wanted": error.wanted, "applied": error.applied}
        case _:
            return getattr(error, "extensions", {})


def _faults(faults: Sequence[FieldFault]) -> list[dict[str, str]]:
    return [
        {"pointer": fault.pointer, "code": fault.code, "message": fault.message} for fault in faults
    ]


def _headers(error: OpenDoorError) -> Mapping[str, str]:
    match error:
        case Busy():
            return {"Retry-After": str(error.retry_after)}
        case NotAuthenticated():
            return {"WWW-Authenticate": "Bearer"}
        case _:
            return {}


def plain_problem(slug: str, headers: Mapping[str, str] | None = None) -> Problem:
    """A problem with nothing to add to what its kind says."""
    return Problem(slug=slug, kind=KINDS[slug], detail=KINDS[slug].meaning, headers=headers or {})


Renderer = Callable[[Problem, Scope], Response]
"""Writes a problem in another form, such as FHIR's OperationOutcome (H3)."""


def render(problem: Problem, scope: Scope) -> Response:
    """A problem as problem+json. `instance` names the request by its id: the path itself may hold
    what a caller typed."""
    body = {
        "type": f"/problems/{problem.slug}",
        "title": problem.kind.title,
        "status": problem.kind.status,
        "detail": problem.detail,
        "instance": f"urn:open-door:request:{quote(scope.get(REQUEST_ID, 'unknown'), safe='')}",
        **problem.extensions,
    }
    headers = {"Cache-Control": "no-store", **problem.headers}
    return Response(orjson.dumps(body), problem.kind.status, headers, PROBLEM)


def install(app: FastAPI, renderers: Mapping[str, Renderer] | None = None) -> None:
    """Makes every error of `app` a problem. `renderers` holds other forms by the prefix of the
    route's path within the service, such as `/fhir`."""
    forms = dict(renderers or {})

    def answer(problem: Problem, scope: Scope) -> Response:
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        for prefix, form in forms.items():
            if path.startswith(prefix):
                return form(problem, scope)
        return render(problem, scope)

    async def ours(request: Request, error: Exception) -> Response:
        assert isinstance(error, OpenDoorError)  # noqa: S101 - registered for this class alone
        if isinstance(error, Broken | Misconfigured):
            log.error("web.broken", kind=type(error).__name__, detail=error.detail)
        return answer(problem_of(error), request.scope)

    async def parameters(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for it alone
        return answer(problem_of(parameter_error(error.errors())), request.scope)

    async def framework(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101 - registered for this class alone
        fallback = "malformed" if error.status_code < 500 else "error"
        slug = HTTP_SLUGS.get(error.status_code, fallback)
        return answer(plain_problem(slug, error.headers), request.scope)

    app.add_exception_handler(OpenDoorError, ours)
    app.add_exception_handler(RequestValidationError, parameters)
    app.add_exception_handler(HTTPException, framework)


class LastResort:
    """ASGI middleware: whatever nobody caught is a plain 500, logged by its class and places
    alone (its text may hold what a person typed). A client that went away is no error."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def sending(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, sending)
        except ClientDisconnect:
            return
        except OpenDoorError as error:
            await self._answer(problem_of(error), started, scope, receive, send)
        except Exception as error:
            found = told(error)
            log.error(
                "web.unexpected",
                type=found["type"],
                at=found["at"],
                causes=found.get("causes"),
            )
            await self._answer(plain_problem("error"), started, scope, receive, send)

    async def _answer(
        self, problem: Problem, started: bool, scope: Scope, receive: Receive, send: Send
    ) -> None:
        if started:
            raise ConnectionAbortedError("the answer had begun")
        await render(problem, scope)(scope, receive, send)


def not_found() -> NotFound:
    """One sentence for what is not there and for what may not be seen."""
    return NotFound("There is no such thing here, or it is not yours to see.")
