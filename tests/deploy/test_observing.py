"""What watches Open Door asks for metrics that it really shows, and every alert has a runbook."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import promql_parser
import pytest
import yaml
from promql_parser import VectorSelector

from shared.telemetry.metrics import DECLARED, PREFIX, Metrics
from tests.deploy.files import GRAFANA, PROMETHEUS, ROOT, RULE_TESTS, RULES, read_yaml
from tests.kit.servers.plugin import unmet

TARGET_LABELS = {"job", "service", "process", "instance"}
"""What the scraper gives to each series."""

FROM_ELSEWHERE = {"up"}
"""Prometheus's own."""


def rules() -> list[dict[str, Any]]:
    return [rule for group in read_yaml(RULES)["groups"] for rule in group["rules"]]


def alerts() -> list[dict[str, Any]]:
    return [one for one in rules() if "alert" in one]


def panels() -> list[dict[str, Any]]:
    (file,) = (GRAFANA / "dashboards").glob("*.json")
    return list(json.loads(file.read_text())["panels"])


def expressions() -> Iterator[tuple[str, str]]:
    """Where each stands, and what it says."""
    for rule in rules():
        yield rule.get("alert") or rule["record"], rule["expr"]
    for panel in panels():
        for target in panel["targets"]:
            yield f"panel {panel['title']}", target["expr"]


def selectors(expression: str) -> list[VectorSelector]:
    """Every series that an expression asks for. Raises ValueError where it cannot be read."""
    found = list[VectorSelector]()

    def visit(node: object) -> bool:
        if isinstance(node, VectorSelector):
            found.append(node)
        return True

    promql_parser.walk(promql_parser.parse(expression), visit)
    return found


def shown() -> dict[str, set[str]]:
    """The label names of every series that a process shows, by the name of the series."""
    found = {
        one["record"]: set(TARGET_LABELS) | {"reader", "topic"}
        for one in rules()
        if "record" in one
    }
    for family in Metrics("intake").registry.collect():
        declared = DECLARED.get(family.name.removeprefix(PREFIX))
        labels = set(declared.labels) if declared else set()
        endings = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count")}
        for ending in endings.get(family.type, ("",)):
            found[family.name + ending] = labels | {"le"} if ending == "_bucket" else labels
    return found


def faults(expression: str) -> list[str]:
    """What an expression asks for that nobody shows."""
    series, said = shown(), list[str]()
    for one in selectors(expression):
        name = str(one.name)
        if name not in series and name not in FROM_ELSEWHERE:
            said.append(f"no series {name}")
            continue
        known = series.get(name, set()) | TARGET_LABELS
        said += [
            f"{name} has no label {matcher.name}"
            for matcher in one.matchers.matchers
            if matcher.name not in known
        ]
    return said


@pytest.mark.parametrize(("place", "expression"), list(expressions()))
def test_an_expression_asks_for_series_that_there_are(place: str, expression: str) -> None:
    assert faults(expression) == [], place


def test_a_series_or_label_that_there_is_not_is_found() -> None:
    assert faults("sum(opendoor_reader_lags)") == ["no series opendoor_reader_lags"]
    assert faults('opendoor_reader_lag{subject="a"}') == [
        "opendoor_reader_lag has no label subject"
    ]


def test_a_series_that_is_asked_for_is_filled_somewhere() -> None:
    sources = [*(ROOT / "shared").rglob("*.py"), *(ROOT / "services").rglob("*.py")]
    text = "".join(one.read_text() for one in sources if one.name != "metrics.py")
    asked = {str(one.name) for _, expression in expressions() for one in selectors(expression)}
    declared = {name for name in DECLARED if any(one.startswith(PREFIX + name) for one in asked)}
    unfilled = [
        one
        for one in declared
        if not re.search(rf"\b(gauge|counter|histogram)\(\s*\"{one}\"", text)
    ]
    assert unfilled == []


def test_a_record_may_be_used_and_is() -> None:
    recorded = {one["record"] for one in rules() if "record" in one}
    asked = {str(one.name) for _, expression in expressions() for one in selectors(expression)}
    assert recorded <= asked


@pytest.mark.parametrize("alert", alerts(), ids=lambda one: str(one["alert"]))
def test_an_alert_says_whom_it_calls_and_where_its_runbook_is(alert: dict[str, Any]) -> None:
    assert alert["labels"]["severity"] in ("page", "ticket")
    assert "for" in alert
    assert alert["annotations"]["summary"].endswith(".")
    page, _, anchor = alert["annotations"]["runbook_url"].partition("#")
    assert anchor == alert["alert"].lower()
    assert anchor in anchors(ROOT / page)


def anchors(page: Path) -> set[str]:
    """The anchors that a page's headings make."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", one).strip().lower().replace(" ", "-") for one in headings}


def test_every_runbook_belongs_to_an_alert() -> None:
    text = (ROOT / "docs" / "running.md").read_text()
    runbooks = re.findall(r"^#+ (OpenDoor\w+)$", text, re.MULTILINE)
    assert sorted(runbooks) == sorted(one["alert"] for one in alerts())


def test_each_alert_is_tried() -> None:
    tried = {
        rule["alertname"]
        for test in read_yaml(RULE_TESTS)["tests"]
        for rule in test.get("alert_rule_test", ())
        if rule["exp_alerts"]
    }
    assert tried == {one["alert"] for one in alerts()}


def promtool(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    program = shutil.which("promtool")
    if program is None:
        unmet("No promtool on the PATH (Debian's package prometheus has it): rules were not tried.")
    return subprocess.run(
        [str(program), *arguments], capture_output=True, text=True, timeout=90, check=False
    )


def test_promtool_takes_the_configuration_and_its_rules(tmp_path: Path) -> None:
    said = promtool("check", "config", PROMETHEUS)
    assert said.returncode == 0, said.stderr
    broken = tmp_path / "rules.yml"
    broken.write_text(
        RULES.read_text().replace("opendoor_reader_red) > 0", "opendoor_reader_red >")
    )
    assert promtool("check", "rules", broken).returncode != 0


def test_each_alert_fires_when_it_should_and_not_before() -> None:
    said = promtool("test", "rules", RULE_TESTS)
    assert said.returncode == 0, said.stdout + said.stderr


def test_every_process_is_scraped_where_it_shows_its_metrics() -> None:
    (job,) = read_yaml(PROMETHEUS)["scrape_configs"]
    targets = {
        target: group["labels"].get("__metrics_path__", "/metrics")
        for group in job["static_configs"]
        for target in group["targets"]
    }
    services = ("intake", "assurance", "learning")
    assert targets == {
        **{f"{one}-api:8000": f"/{one}/metrics" for one in services},
        **{f"{one}-worker:8081": "/metrics" for one in services},
    }


def test_the_dashboard_reads_the_source_that_is_provisioned() -> None:
    provisioned = yaml.safe_load((GRAFANA / "provisioning/datasources/prometheus.yml").read_text())
    (source,) = provisioned["datasources"]
    for panel in panels():
        assert panel["datasource"]["uid"] == source["uid"]
        assert {one["datasource"]["uid"] for one in panel["targets"]} == {source["uid"]}


def test_panels_have_their_own_places_and_say_what_they_show() -> None:
    taken = set[tuple[int, int]]()
    for panel in panels():
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not taken & cells, panel["title"]
        assert place["x"] + place["w"] <= 24
        assert panel["description"].endswith(".")
        taken |= cells
    assert len({one["id"] for one in panels()}) == len(panels())
