"""Tests of shared/web/health.py and measured.py."""

import asyncio
from contextlib import suppress

import pytest

from shared.telemetry.metrics import Metrics
from shared.web.health import Check, Checked, health_routes
from shared.web.measured import counted_in
from tests.shared.web.boxes import A_BOX, KEY, client_of


def check(name: str, ok: bool, needed: bool = False) -> Check:
    async def look() -> Checked:
        return Checked(ok=ok, detail="" if ok else "It is gone.", figures={"lag": 4})

    return Check(name=name, look=look, needed=needed)


async def raising() -> Checked:
    raise ConnectionError("a password")


async def never() -> Checked:
    await asyncio.Event().wait()
    raise AssertionError


@pytest.mark.parametrize(
    ("checks", "status", "ready"),
    [
        ((), "ok", 200),
        ((check("database", True, needed=True), check("kafka", True)), "ok", 200),
        ((check("database", True, needed=True), check("kafka", False)), "degraded", 200),
        ((check("database", False, needed=True), check("kafka", True)), "unavailable", 503),
        ((Check(name="database", look=raising, needed=True),), "unavailable", 503),
        ((Check(name="kafka", look=raising),), "degraded", 200),
    ],
)
async def test_only_what_no_request_can_do_without_ends_readiness(boxes, checks, status, ready):
    boxes.checks = checks
    async with client_of(boxes.app(), role=None) as client:
        told = await client.get("/_status")
        assert told.status_code == 200
        assert told.json()["status"] == status
        assert list(told.json()["checks"]) == [one.name for one in checks]
        assert "password" not in told.text
        answered = await client.get("/readyz")
        assert answered.status_code == ready
        assert (await client.get("/livez")).status_code == 200


async def test_a_check_that_hangs_counts_as_failed(boxes, monkeypatch):
    monkeypatch.setattr("shared.web.health.LONGEST_CHECK", 0.01)
    boxes.checks = (Check(name="database", look=never, needed=True),)
    async with client_of(boxes.app()) as client:
        assert (await client.get("/_status")).json()["status"] == "unavailable"
        assert (await client.get("/readyz")).json()["type"] == "/problems/unavailable"


async def test_start_up_waits_until_it_is_done(boxes):
    async with client_of(boxes.app(), role=None) as client:
        assert (await client.get("/startupz")).status_code == 200
        boxes.started = False
        assert (await client.get("/startupz")).status_code == 503


async def test_ping_says_what_runs(client):
    told = (await client.get("/_ping")).json()
    assert told == {"service": "intake", "version": "1.2.3", "status": "ok"}


async def test_metrics_are_shown_where_they_are_given(boxes):
    async def shown() -> tuple[bytes, str]:
        return b"up 1\n", "text/plain"

    router = health_routes("box", "1", (), metrics=shown)
    async with client_of(boxes.app(router)) as client:
        assert (await client.get("/metrics")).text == "up 1\n"


async def test_without_metrics_there_is_no_such_address(client):
    assert (await client.get("/metrics")).status_code == 404


async def test_requests_are_counted_by_template_and_never_by_path(boxes):
    counted: list[tuple[str, str, int]] = []
    boxes.measured = lambda method, route, status, seconds: counted.append((method, route, status))
    async with client_of(boxes.app()) as client:
        await client.post("/boxes", json=A_BOX, headers=KEY)
        await client.post("/boxes/b1/breaking", headers=KEY)
        await client.get("/boxes/b1")
        await client.get("/secret/b1")
        await client.get("/boxes", headers={"X-Request-ID": "x" * 200})
        await client.request("MAKE-UP", "/boxes/b1")
    assert counted == [
        ("POST", "/boxes", 201),
        ("POST", "/boxes/{box}/breaking", 202),
        ("GET", "/boxes/{box}", 404),
        ("GET", "(none)", 404),
        ("(other)", "/boxes/{box}", 405),
    ]


async def test_the_registry_of_the_service_counts(boxes):
    metrics = Metrics("intake")
    boxes.measured = counted_in(metrics)
    async with client_of(boxes.app()) as client:
        for box in ("b1", "b2"):
            await client.get(f"/boxes/{box}")
    shown = metrics.render().decode()
    labels = 'method="GET",route="/boxes/{box}"'
    assert f'opendoor_http_requests_total{{{labels},status="404"}} 2.0' in shown
    assert f"opendoor_http_request_seconds_count{{{labels}}} 2.0" in shown


async def test_a_check_that_does_not_end_when_it_is_cut_off_has_failed(
    monkeypatch: pytest.MonkeyPatch,
):
    """A call to a server that is silent waits on, also when it is cancelled."""
    monkeypatch.setattr("shared.web.health.LONGEST_CHECK", 0.01)
    free = asyncio.Event()

    async def deaf() -> Checked:
        while not free.is_set():
            with suppress(asyncio.CancelledError):
                await free.wait()
        return Checked(ok=True)

    async with asyncio.timeout(20):
        found = await Check(name="deaf", look=deaf).run()
    assert (found.ok, found.detail) == (False, "No answer in time.")
    free.set()
