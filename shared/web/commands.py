"""Routes from COMMANDS: each row that names a route is mounted, its class being the body."""

import inspect
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, get_args, get_origin
from urllib.parse import quote

import orjson
from fastapi import APIRouter, FastAPI, Path, Request, Response
from pydantic import BeforeValidator, TypeAdapter
from pydantic_core import PydanticCustomError

from shared.kernel.decider import Actor
from shared.kernel.errors import AlreadyExists, FieldFault, Malformed, Misconfigured
from shared.kernel.words import INTEGER_LIMIT, Id, hints_of
from shared.web.answers import answer
from shared.web.asked import Asked, CommandRow, Done, Handler, Serving
from shared.web.auth import Guard, marked
from shared.web.body import parse, read_body, validate
from shared.web.concurrency import etag, expected_version
from shared.web.correlation import correlated
from shared.web.idempotency import Fingerprints, request_key

_PLACEHOLDER = re.compile(r"\{(\w+)(?::\w+)?\}")
_DIGITS = re.compile(r"\d{1,19}\Z", re.ASCII)


def _digits(raw: object) -> object:
    """A number in a path is written in digits alone."""
    if isinstance(raw, str) and not _DIGITS.match(raw):
        raise PydanticCustomError("digits", "write digits")
    return raw


PathNumber = Annotated[int, BeforeValidator(_digits), Path(ge=0, le=INTEGER_LIMIT)]
PathId = Annotated[Id, Path()]
PathText = Annotated[str, Path(min_length=1, max_length=500)]


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandRoute:
    """A row's route, read once: `method` and `path`; `holder` is the placeholder that holds the
    aggregate's id (None where the command creates), `filled` the fields that the path gives."""

    row: CommandRow
    method: str
    path: str
    holder: str | None
    filled: Mapping[str, Any]
    adapter: TypeAdapter[Any]

    def link(self, path: Mapping[str, Any], id_: str) -> str:
        """Where the thing is read: the route up to its id; for one that the command made, the
        id under the route's first word, unless the route itself stands under another thing."""
        first, _, second = self.path[1:].partition("/")
        found = _PLACEHOLDER.match(second)
        if found and found[1] != self.holder:
            id_ = path[found[1]]
        return f"/{first}/{quote(str(id_), safe='')}"

    @property
    def operation(self) -> str:
        """The operation id: the command's name in small letters."""
        return re.sub(r"(?<!^)(?=[A-Z])", "_", self.row.type.__name__).lower()


def route_of(row: CommandRow) -> CommandRoute:
    """Reads a row's route. Raises Misconfigured where a placeholder fits no field."""
    method, _, path = (row.route or "").partition(" ")
    names = _PLACEHOLDER.findall(path)
    holder = None if row.creates or not names else names[0]
    hints = hints_of(row.type)
    filled = {name: hints.get(name) for name in names if name != holder}
    unknown = [name for name, hint in filled.items() if hint is None]
    if unknown or not path.startswith("/") or (holder is None and not row.creates):
        raise Misconfigured(f"The route of {row.type.__name__} does not fit its fields.")
    return CommandRoute(
        row=row,
        method=method,
        path=path,
        holder=holder,
        filled=filled,
        adapter=TypeAdapter(row.type),
    )


def mount(
    router: FastAPI | APIRouter,
    service: Serving,
    handler: Handler,
    *,
    guard: Guard,
    fingerprints: Fingerprints,
) -> list[CommandRoute]:
    """Mounts every row with a route, and answers the routes for the OpenAPI page."""
    mounted = [route_of(row) for row in service.commands if row.route]
    for route in mounted:
        router.add_api_route(
            route.path,
            _endpoint(_Command(route, handler, fingerprints), guard),
            methods=[route.method],
            status_code=route.row.status,
            operation_id=route.operation,
            name=route.operation,
            summary=_spaced(route.row.type.__name__),
            description=inspect.getdoc(route.row.type),
            response_class=Response,
            tags=[route.path.split("/")[1]],
        )
    return mounted


def _spaced(name: str) -> str:
    words = re.sub(r"(?<!^)(?=[A-Z])", " ", name).lower()
    return words[:1].upper() + words[1:]


def _endpoint(command: "_Command", guard: Guard) -> Any:
    """A function whose signature FastAPI reads: the request and the path. The guard is called,
    not declared: a dependency costs more than all that it does here."""
    route = command.route

    async def endpoint(request: Request, **path: Any) -> Response:
        return await command(request, await guard.admit(request, route.row.may), path)

    keyword = inspect.Parameter.KEYWORD_ONLY
    parameters = [inspect.Parameter("request", keyword, annotation=Request)]
    if route.holder is not None:
        parameters.append(inspect.Parameter(route.holder, keyword, annotation=PathId))
    for name, hint in route.filled.items():
        kind = PathNumber if _base(hint) is int else PathText
        parameters.append(inspect.Parameter(name, keyword, annotation=kind))
    endpoint.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # as documented by inspect
    return marked(endpoint, route.row.may)


def _base(hint: Any) -> Any:
    return _base(get_args(hint)[0]) if get_origin(hint) is Annotated else hint


class _Command:
    """What happens between the bytes of one request and the bytes of its answer."""

    def __init__(self, route: CommandRoute, handler: Handler, fingerprints: Fingerprints) -> None:
        self.route = route
        self._handler = handler
        self._fingerprints = fingerprints

    async def __call__(self, request: Request, actor: Actor, path: Mapping[str, Any]) -> Response:
        headers, ids = request.headers, correlated(request.scope)
        key = request_key(headers.getlist("idempotency-key"), headers.get("x-request-id"))
        expected = expected_version(headers.get("if-match"), needed=self.route.row.needs_match)
        body = await read_body(request)
        asked = Asked(
            row=self.route.row,
            id=path.get(self.route.holder) if self.route.holder else None,
            command=self._command(body, path),
            actor=actor,
            client=actor.client,
            key=key,
            fingerprint=self._fingerprints.of(
                request.method, request.scope["path"], body, actor.organisation
            ),
            expected_version=expected,
            correlation=ids.correlation,
            request_id=ids.request_id,
            traceparent=ids.traceparent,
            body=body,
        )
        return await self._answer(request, asked, path)

    def _command(self, body: bytes, path: Mapping[str, Any]) -> Any:
        """What is asked without a body is asked with an empty object."""
        text = body or b"{}"
        document = parse(text)
        if self.route.filled and isinstance(document, dict):
            text = self._fill(text, document, path)
        return validate(self.route.adapter, text, document)

    def _fill(self, body: bytes, document: Mapping[str, Any], path: Mapping[str, Any]) -> bytes:
        """The body with the fields that the path gives, which it must not give itself."""
        twice = [name for name in self.route.filled if name in document]
        if twice:
            faults = [
                FieldFault(pointer=f"/{name}", code="in_path", message="The path says this.")
                for name in twice
            ]
            raise Malformed("A field stands in the path and in the body.", faults=faults)
        given = orjson.dumps({name: path[name] for name in self.route.filled})
        rest = body[body.index(b"{") + 1 :]
        return given[:-1] + (b"," if document else b"") + rest

    async def _answer(self, request: Request, asked: Asked, path: Mapping[str, Any]) -> Response:
        root = request.scope.get("root_path", "")
        try:
            done = await self._handler(asked)
        except AlreadyExists as error:
            if error.link and "/" not in error.link:
                link = root + self.route.link(path, error.link)
                raise AlreadyExists(error.detail, link) from None
            raise
        return _done(done, root + self.route.link(path, done.id))


def _done(done: Done, link: str) -> Response:
    """Version and position, in the headers and once more in the body (H18)."""
    body = {
        "id": done.id,
        "version": done.version,
        "position": done.position,
        "links": {"self": link},
        **done.extra,
    }
    headers = {
        "ETag": etag(done.version),
        "Location": link,
        "Open-Door-Position": str(done.position),
    }
    return answer(body, done.status, headers)
