"""A collector of traces: what OpenTelemetry's exporter sends to an address, as plain values."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A step as it came: hexadecimal ids, and the process that sent it."""

    process: str
    name: str
    trace_id: str
    span_id: str
    follows: str


@dataclass(slots=True)
class Collector:
    """What came so far, at `url`."""

    url: str
    sent: list[Sent] = field(default_factory=list)

    def of(self, trace_id: str) -> list[Sent]:
        return [one for one in self.sent if one.trace_id == trace_id]


@contextmanager
def collector() -> Iterator[Collector]:
    """Listens on a free port of this machine."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    port = server.server_port
    found = Collector(f"http://127.0.0.1:{port}")
    _Handler.collectors[port] = found
    listening = Thread(target=server.serve_forever, daemon=True)
    listening.start()
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()
        listening.join()
        del _Handler.collectors[port]


class _Handler(BaseHTTPRequestHandler):
    collectors: dict[int, Collector] = {}  # noqa: RUF012 - shared by all on purpose, by their port

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        found = self.collectors[self.connection.getsockname()[1]]
        if self.path == "/v1/traces":
            found.sent += _read(body)
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *ignored: object) -> None:
        """Says nothing on the terminal."""


def _read(body: bytes) -> list[Sent]:
    request = ExportTraceServiceRequest.FromString(body)
    return [
        Sent(
            process=next(
                one.value.string_value
                for one in group.resource.attributes
                if one.key == "service.name"
            ),
            name=span.name,
            trace_id=span.trace_id.hex(),
            span_id=span.span_id.hex(),
            follows=span.parent_span_id.hex(),
        )
        for group in request.resource_spans
        for scope in group.scope_spans
        for span in scope.spans
    ]
