"""Requests counted by route template, never by path (H13)."""

from collections.abc import Callable
from functools import lru_cache
from time import perf_counter

from prometheus_client import Counter, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.telemetry.metrics import Metrics

UNROUTED = "(none)"
"""The template of a request that met no route: its path is whatever somebody typed."""

Measure = Callable[[str, str, int, float], None]
"""Takes method, route template, status and seconds."""


def measured_nowhere(method: str, route: str, status: int, seconds: float) -> None:
    """For an application that nobody watches."""


def counted_in(metrics: Metrics) -> Measure:
    """Counts in a service's registry; a template's counters are looked up once."""
    requests = metrics.counter("http_requests")
    seconds_taken = metrics.histogram("http_request_seconds")

    @lru_cache(maxsize=4096)
    def counters(method: str, route: str, status: int) -> tuple[Counter, Histogram]:
        return (
            requests.labels(method, route, str(status)),
            seconds_taken.labels(method, route),
        )

    def measure(method: str, route: str, status: int, seconds: float) -> None:
        counter, histogram = counters(method, route, status)
        counter.inc()
        histogram.observe(seconds)

    return measure


class Measured:
    """ASGI middleware. A stream counts when it begins: its length is not an answer's time."""

    def __init__(self, app: ASGIApp, measure: Measure) -> None:
        self._app = app
        self._measure = measure

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = perf_counter()

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._measure(
                    known_method(scope["method"]),
                    template(scope),
                    message["status"],
                    perf_counter() - began,
                )
            await send(message)

        await self._app(scope, receive, sending)


_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def known_method(method: str) -> str:
    """The method, where it is one that HTTP has: anything else is whatever somebody typed."""
    return method if method in _METHODS else "(other)"


def template(scope: Scope) -> str:
    """The template of the route that a request met."""
    return getattr(scope.get("route"), "path", UNROUTED)
