"""Steps of a trace, for whoever collects them; without a collector only their ids are handed on.

A step is told what it follows as the `traceparent` that stands beside a request, an event or a
record; nothing is taken from the surroundings. Notes are ids and codes, never what was typed (H24).
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from time import time_ns

from opentelemetry.context import Context
from opentelemetry.trace import (
    NonRecordingSpan,
    Span,
    SpanContext,
    SpanKind,
    Status,
    StatusCode,
    TraceFlags,
    Tracer,
    set_span_in_context,
)

from shared.telemetry.traces import Trace, parse

Notes = Mapping[str, str | int]

SERVED, HEARD, TOLD = SpanKind.SERVER, SpanKind.CONSUMER, SpanKind.PRODUCER
OWN = SpanKind.INTERNAL

_told: list[Tracer] = []
"""Who collects in this process: one, or nobody."""


class Step:
    """A step under way. `traceparent` is what those who follow it are told."""

    __slots__ = ("_span", "traceparent")

    def __init__(self, traceparent: str, span: Span | None = None) -> None:
        self.traceparent = traceparent
        self._span = span

    def note(self, name: str | None = None, notes: Notes | None = None) -> None:
        """What is known only now: a better name, further notes."""
        if self._span is not None:
            if name is not None:
                self._span.update_name(name)
            self._span.set_attributes(dict(notes or {}))

    def failed(self, code: str) -> None:
        """The step did not do what it was for; `code` says why, in one word."""
        if self._span is not None:
            self._span.set_attribute("error.type", code)
            self._span.set_status(Status(StatusCode.ERROR))


def collect(tracer: Tracer | None) -> None:
    """From now on steps are told to `tracer`; to nobody where it is None."""
    _told[:] = [] if tracer is None else [tracer]


def collected() -> bool:
    """Whether anybody collects."""
    return bool(_told)


@contextmanager
def step(
    name: str, *, follows: str, kind: SpanKind = OWN, notes: Notes | None = None
) -> Iterator[Step]:
    """What runs within is one step behind `follows`, a `traceparent`; "" begins a trace."""
    if not _told:
        yield Step(follows)
        return
    # An exception's own text could hold what a person typed: only its name is kept.
    span = _told[0].start_span(
        name,
        context=_behind(parse(follows)),
        kind=kind,
        attributes=dict(notes or {}),
        record_exception=False,
        set_status_on_exception=False,
    )
    running = Step(_handed_on(span, follows), span)
    try:
        yield running
    except BaseException as error:
        running.failed(type(error).__name__)
        raise
    finally:
        span.end()


def done(
    name: str,
    *,
    follows: Iterable[str],
    since: int,
    kind: SpanKind = OWN,
    notes: Notes | None = None,
) -> None:
    """A step that many shared and that is over: one for each sampled `traceparent` it follows.
    `since` is when it began, in nanoseconds of Unix time."""
    if not _told:
        return
    now = time_ns()
    for trace in filter(None, map(parse, follows)):
        if trace.sampled:
            span = _told[0].start_span(
                name,
                context=_behind(trace),
                kind=kind,
                attributes=dict(notes or {}),
                start_time=since,
            )
            span.end(now)


def _behind(trace: Trace | None) -> Context:
    if trace is None:
        return Context()
    came = SpanContext(
        trace_id=int(trace.trace_id, 16),
        span_id=int(trace.span_id, 16),
        is_remote=True,
        trace_flags=TraceFlags(TraceFlags.SAMPLED if trace.sampled else TraceFlags.DEFAULT),
    )
    return set_span_in_context(NonRecordingSpan(came), Context())


def _handed_on(span: Span, follows: str) -> str:
    """The span where it is recorded; else what came, so that nothing follows a step unseen."""
    own = span.get_span_context()
    if not (span.is_recording() and own.is_valid):
        return follows
    return Trace(f"{own.trace_id:032x}", f"{own.span_id:016x}", sampled=True).header()
