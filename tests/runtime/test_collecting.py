"""Traces are sent where OpenTelemetry's variables say so, and stop nothing where they cannot be."""

import json
import socket
import sys
from collections.abc import Mapping
from contextlib import closing

import pytest

from shared.runtime import collecting as sending
from shared.runtime.collecting import collecting, wanted
from shared.telemetry import spans
from tests.kit.collector import collector
from tests.kit.traces import collected

TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736"
CAME = f"00-{TRACE_ID}-00f067aa0ba902b7-01"
AT = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"}


@pytest.mark.parametrize(
    ("environment", "asked"),
    [
        ({}, False),
        ({"OTEL_TRACES_EXPORTER": "otlp"}, False),
        (AT, True),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://127.0.0.1:4318/v1/traces"}, True),
        ({**AT, "OTEL_TRACES_EXPORTER": "otlp"}, True),
        ({**AT, "OTEL_TRACES_EXPORTER": "none"}, False),
        ({**AT, "OTEL_SDK_DISABLED": "true"}, False),
    ],
)
def test_when_traces_are_sent(environment: Mapping[str, str], asked: bool):
    assert wanted(environment) is asked


def test_without_a_collector_only_ids_are_handed_on():
    with collecting("intake", "api", {}):
        assert not spans.collected()
        with spans.step("a step", follows=CAME) as running:
            assert running.traceparent == CAME
            running.note("another name", {"http.route": "/events"})
            running.failed("Refused")
        spans.done("another", follows=[CAME], since=0)


def test_without_the_extra_a_line_says_so_and_all_goes_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)
    with collecting("intake", "api", AT):
        assert not spans.collected()
    said = capsys.readouterr()
    assert "traces_not_sent" in said.out + said.err


@pytest.mark.parametrize(
    ("more", "name"),
    [
        ({}, "open-door-intake-worker"),
        ({"OTEL_SERVICE_NAME": "safety"}, "safety"),
        ({"OTEL_RESOURCE_ATTRIBUTES": "service.name=ours,team=blue"}, "ours"),
    ],
)
def test_steps_arrive_at_the_collector(
    monkeypatch: pytest.MonkeyPatch, more: Mapping[str, str], name: str
):
    with collector() as found:
        for variable, held in {"OTEL_EXPORTER_OTLP_ENDPOINT": found.url, **more}.items():
            monkeypatch.setenv(variable, held)
        with collecting("intake", "worker"), spans.step("hear", follows=CAME) as running:
            spans.done("commit", follows=[running.traceparent, "", "no trace"], since=1)
    assert not spans.collected()
    first, second = sorted(found.of(TRACE_ID), key=lambda one: one.name)
    assert (first.name, first.process, first.follows) == ("commit", name, second.span_id)
    assert (second.name, second.follows) == ("hear", CAME.split("-")[2])


def test_what_fails_is_named_and_not_quoted():
    with collected() as traces:
        with (
            pytest.raises(ValueError, match="what somebody typed"),
            spans.step("hear", follows=CAME),
        ):
            raise ValueError("what somebody typed")
        (failed,) = traces.of(TRACE_ID)
    assert dict(failed.attributes or {}) == {"error.type": "ValueError"}
    assert "somebody" not in json.dumps(failed.to_json())


def test_a_collector_that_does_not_answer_holds_nothing_up(monkeypatch: pytest.MonkeyPatch):
    """It takes the connection and says nothing; the process ends all the same."""
    monkeypatch.setattr(sending, "LAST_SECONDS", 0.1)
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", address)
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "1")
        with collecting("intake", "worker"), spans.step("hear", follows=CAME):
            assert spans.collected()
    assert not spans.collected()
