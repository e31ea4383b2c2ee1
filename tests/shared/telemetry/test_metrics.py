"""Metrics: one registry a service, declared names, no ids in labels."""

import re
from pathlib import Path

import pytest
from prometheus_client import Counter, Gauge, Histogram
from prometheus_client.parser import text_string_to_metric_families

from shared.telemetry.metrics import CONTENT_TYPE, DECLARED, PREFIX, Metrics


def values(metrics: Metrics) -> dict[str, float]:
    text = metrics.render().decode()
    return {
        f"{sample.name}{sorted(sample.labels.items())}": sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_two_services_of_one_process_count_apart():
    intake, learning = Metrics("intake"), Metrics("learning")
    labels = ("GET", "/events/{id}", "200")
    intake.counter("http_requests").labels(*labels).inc()
    name = "opendoor_http_requests_total" + str(
        [("method", "GET"), ("route", "/events/{id}"), ("status", "200")]
    )
    assert values(intake)[name] == 1
    assert name not in values(learning)


def test_what_is_observed_is_shown():
    metrics = Metrics("intake", "0.1.0")
    metrics.gauge("reader_lag").labels("relay", "opendoor.intake.v1", "3").set(12)
    metrics.histogram("append_entries").observe(7)
    shown = values(metrics)
    lag = [("partition", "3"), ("reader", "relay"), ("topic", "opendoor.intake.v1")]
    assert shown[f"opendoor_reader_lag{lag}"] == 12
    assert shown["opendoor_append_entries_count[]"] == 1
    assert shown["opendoor_append_entries_bucket[('le', '10.0')]"] == 1
    assert shown["opendoor_append_entries_bucket[('le', '5.0')]"] == 0
    assert shown["opendoor_service_info[('service', 'intake'), ('version', '0.1.0')]"] == 1
    assert not any("_created" in name for name in shown)
    assert CONTENT_TYPE.startswith("text/plain")


@pytest.mark.parametrize("name", DECLARED)
def test_each_declared_metric_is_made_as_its_kind(name: str):
    metrics, declared = Metrics("intake"), DECLARED[name]
    ways = {Counter: metrics.counter, Gauge: metrics.gauge, Histogram: metrics.histogram}
    for kind, way in ways.items():
        if kind is declared.kind:
            assert isinstance(way(name), kind)
        else:
            with pytest.raises(LookupError):
                way(name)
    assert f"# HELP {PREFIX}{name}" in metrics.render().decode()
    assert declared.says.endswith(".")
    assert bool(declared.buckets) == (declared.kind is Histogram)


def test_an_undeclared_metric_is_refused():
    with pytest.raises(LookupError):
        Metrics("intake").counter("made_up")


def test_no_label_could_hold_an_id_or_a_person():
    labels = {label for one in DECLARED.values() for label in one.labels}
    assert not labels & {"id", "stream", "key", "path", "url", "client", "person", "organisation"}


def documented(page: str) -> dict[str, tuple[str, str, str]]:
    """Kind, labels and sentence of each metric in the page's table, by its full name."""
    rows = re.findall(r"^\| `(opendoor_\w+)` \| (\w+) \| (.+) \| (.+) \|$", page, re.MULTILINE)
    return {name: (kind, labels, says) for name, kind, labels, says in rows}


def declared() -> dict[str, tuple[str, str, str]]:
    return {
        f"{PREFIX}{name}{'_total' if one.kind is Counter else ''}": (
            one.kind.__name__.lower(),
            ", ".join(f"`{label}`" for label in one.labels) or "(none)",
            one.says,
        )
        for name, one in DECLARED.items()
    }


def test_the_page_lists_every_metric_as_it_is():
    page = (Path(__file__).parents[3] / "docs" / "running.md").read_text()
    assert documented(page) == declared()
    without_one = re.sub(r"(?m)^\| `opendoor_records_parked`.*\n", "", page)
    assert documented(without_one) != declared()
