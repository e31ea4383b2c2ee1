"""Request and correlation ids: mirrored or made up, and bound to every log line (H8)."""

import os
import re
from dataclasses import dataclass

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bind_contextvars, reset_contextvars

from shared.kernel.errors import Malformed
from shared.privacy.identifiers import holds_identifier
from shared.web.problems import REQUEST_ID, problem_of, render

CORRELATED = "open_door.correlated"
_SENDABLE = re.compile(rb"[\x21-\x7e]{1,128}\Z")
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\Z")
_TRACEPARENT = re.compile(
    rb"(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}\Z"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Correlated:
    """What ties a request to what it causes; `traceparent` is "" where none came."""

    request_id: str
    correlation: str
    traceparent: str = ""


def correlated(scope: Scope) -> Correlated:
    """The ids of the request at hand."""
    found = scope[CORRELATED]
    assert isinstance(found, Correlated)  # noqa: S101 - only the middleware below sets it
    return found


def made_up() -> str:
    """A random id in the form of a UUID (its class costs more than the rest of the middleware)."""
    text = os.urandom(16).hex()
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-a{text[17:20]}-{text[20:]}"


class Correlation:
    """ASGI middleware; the outermost, so that every answer carries both ids. Within another one,
    as where a host mounts applications, it passes the request on."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or CORRELATED in scope:
            await self._app(scope, receive, send)
            return
        found, readable = _read(scope)
        scope[CORRELATED] = found
        scope[REQUEST_ID] = found.request_id
        mirrored = [
            (b"x-request-id", found.request_id.encode()),
            (b"x-correlation-id", found.correlation.encode()),
        ]

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *mirrored]
            await send(message)

        tokens = bind_contextvars(request_id=found.request_id, correlation_id=found.correlation)
        try:
            await (self._app if readable else _refuse)(scope, receive, sending)
        finally:
            reset_contextvars(**tokens)


def _read(scope: Scope) -> tuple[Correlated, bool]:
    headers = dict(scope["headers"])
    given = [headers.get(name, b"") for name in (b"x-request-id", b"x-correlation-id")]
    sound = [one.decode() if _SENDABLE.match(one) else "" for one in given]
    trace = headers.get(b"traceparent", b"")
    request_id, correlation = sound
    # A correlation is told on every event that it causes (E6).
    if correlation and not _UUID.match(correlation) and holds_identifier(correlation):
        sound[1] = correlation = ""
    found = Correlated(
        request_id=request_id or made_up(),
        correlation=correlation or made_up(),
        traceparent=trace.decode() if _TRACEPARENT.match(trace) else "",
    )
    return found, all(text or not raw for text, raw in zip(sound, given, strict=True))


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
    error = Malformed(
        "X-Request-ID and X-Correlation-ID hold 1 to 128 printable ASCII characters, no spaces, "
        "and nothing like a person's number or address: a UUID is best."
    )
    await render(problem_of(error), scope)(scope, receive, send)
