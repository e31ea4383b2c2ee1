"""Steps of traces as a collector in this process meets them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from shared.telemetry import spans


@dataclass(frozen=True, slots=True)
class Collected:
    """What was collected so far."""

    exporter: InMemorySpanExporter

    def of(self, trace_id: str) -> list[ReadableSpan]:
        """The steps of one trace, the first to begin first."""
        found = [
            one
            for one in self.exporter.get_finished_spans()
            if one.context is not None and f"{one.context.trace_id:032x}" == trace_id
        ]
        return sorted(found, key=lambda one: one.start_time or 0)

    def names(self, trace_id: str) -> list[tuple[str, str | None]]:
        """Each step of a trace with the one that it follows; None for one from elsewhere."""
        steps = self.of(trace_id)
        by_id = {one.context.span_id: one.name for one in steps if one.context is not None}
        return [(one.name, by_id.get(one.parent.span_id) if one.parent else "") for one in steps]


@contextmanager
def collected() -> Iterator[Collected]:
    """Collects all steps of this process meanwhile."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    spans.collect(provider.get_tracer("tests"))
    try:
        yield Collected(exporter)
    finally:
        spans.collect(None)
        provider.shutdown()
