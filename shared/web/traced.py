"""A request as one step of a trace; what it causes follows that step."""

from dataclasses import replace

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.telemetry.spans import SERVED, collected, step
from shared.web.correlation import CORRELATED, correlated
from shared.web.measured import known_method, template

PROBES = frozenset({"_ping", "_status", "livez", "readyz", "startupz", "metrics"})
"""Asked every few seconds by machines: nobody wants a trace of that."""


class Traced:
    """ASGI middleware, within Correlation. Names hold the route's template, never a path."""

    def __init__(self, app: ASGIApp, service: str) -> None:
        self._app = app
        self._service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not collected() or _probe(scope):
            await self._app(scope, receive, send)
            return
        came = correlated(scope)
        method = known_method(scope["method"])
        notes = {"open_door.service": self._service, "http.request.method": method}
        with step(method, follows=came.traceparent, kind=SERVED, notes=notes) as running:
            scope[CORRELATED] = replace(came, traceparent=running.traceparent)

            async def sending(message: Message) -> None:
                if message["type"] == "http.response.start":
                    route, status = template(scope), message["status"]
                    running.note(
                        f"{method} {route}",
                        {"http.route": route, "http.response.status_code": status},
                    )
                    if status >= 500:
                        running.failed(str(status))
                await send(message)

            await self._app(scope, receive, sending)


def _probe(scope: Scope) -> bool:
    return scope["path"].rsplit("/", 1)[-1] in PROBES
