"""Traces to a collector, where OpenTelemetry's own variables name one."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from threading import Thread

import structlog

from shared.telemetry import spans

ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
LAST_SECONDS = 2.0
"""What the end of a process waits for a collector that does not answer."""

log = structlog.get_logger("traces")


def wanted(environment: Mapping[str, str]) -> bool:
    """Whether the variables ask for traces to be sent."""
    if environment.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
        return False
    exporter = environment.get("OTEL_TRACES_EXPORTER", "").strip().lower()
    return exporter in ("", "otlp") and any(environment.get(one) for one in ENDPOINTS)


def _named(environment: Mapping[str, str]) -> bool:
    """Whether the variables name the process already: what is given in code would win."""
    resource = environment.get("OTEL_RESOURCE_ATTRIBUTES", "")
    return bool(environment.get("OTEL_SERVICE_NAME")) or "service.name=" in resource


@contextmanager
def collecting(
    service: str, process: str, environment: Mapping[str, str] = os.environ
) -> Iterator[None]:
    """Within it, steps are sent by OTLP over HTTP, as the OTEL_ variables say; nothing is sent,
    and a line says so, where the extra `otel` is not installed."""
    if not wanted(environment):
        yield
        return
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        log.warning("traces_not_sent")
        yield
        return
    named = {} if _named(environment) else {"service.name": f"open-door-{service}-{process}"}
    provider = TracerProvider(resource=Resource.create(named), shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    spans.collect(provider.get_tracer("open-door"))
    try:
        yield
    finally:
        spans.collect(None)
        # A collector that is away must not hold up the end of a process.
        last = Thread(target=provider.shutdown, daemon=True)
        last.start()
        last.join(LAST_SECONDS)
