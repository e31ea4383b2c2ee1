"""`opendoor up`: begins empty, ends at Ctrl-C with a stream open, and forgets nothing."""

import re
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from shared.kernel.clock import SystemClock
from shared.runtime.settings import load_settings
from shared.security.dev_issuer import open_issuer
from tests.kit.together import END, START, Together, environment, together

pytestmark = pytest.mark.timeout(300)

REPORT = {"kind": "incident", "occurred": "2024-05-14", "what_happened": "The bell was not heard."}


def test_it_begins_empty_and_ends_with_a_stream_open(tmp_path: Path):
    with together(tmp_path, "up") as first:
        page = httpx.get(first.url)
        assert page.status_code == 200
        assert events_by_service(page.text) == {"intake": 0, "assurance": 0, "learning": 0}
        assert "Synthetic data" not in page.text
        assert other_hosts(page.text) == []
        report = posted(tmp_path, first)
        assert ended_while_streaming(tmp_path, first) == 0
        assert "Traceback" not in first.said()
    with together(tmp_path, "up") as again:
        trust = token(tmp_path, "RTH", "trust")
        assert (
            httpx.get(f"{again.url}/intake/events/{report}", headers=trust).json()["version"] == 1
        )
        # The report, and perhaps a signed head that covers it.
        assert events_by_service(httpx.get(again.url).text)["intake"] in (1, 2)
        assert again.interrupt() == 0


def test_a_second_one_in_the_same_folder_says_one_sentence(tmp_path: Path):
    with together(tmp_path, "up") as first:
        command = [sys.executable, "-m", "services", "up", "--port", "0"]
        second = subprocess.run(
            command,
            cwd=tmp_path,
            env=environment(),
            capture_output=True,
            text=True,
            timeout=START,
        )
        assert second.returncode == 1
        assert re.fullmatch(r"[^\n]+ in use by another [^\n]+\.\n", second.stderr)
        assert first.answers()
        assert first.interrupt() == 0


def events_by_service(page: str) -> dict[str, int]:
    rows = re.findall(r'<td class="n">(\d+)</td><td><a href="/(\w+)/docs">', page)
    return {service: int(events) for events, service in rows}


def other_hosts(page: str) -> list[str]:
    """Addresses on the page that lead away from it; names of XML vocabularies are none."""
    return [one for one in re.findall(r'(?:href|src)="([^"]*)"', page) if one[:1] not in "/#"]


def token(folder: Path, organisation: str, role: str) -> dict[str, str]:
    """The header of a token by the issuer of the process that runs in the folder."""
    settings = load_settings(environment="development", data_dir=folder / "var" / "data")
    issuer = open_issuer(
        settings.data_dir / "issuer",
        environment=settings.environment,
        issuer=settings.token_issuer,
        audience=settings.token_audience,
        clock=SystemClock(),
    )
    return {"Authorization": f"Bearer {issuer.issue(organisation, role)}"}


def posted(folder: Path, running: Together) -> str:
    key = {"Idempotency-Key": '"the-first"'}
    headers = {**token(folder, "RTH", "trust"), **key}
    answer = httpx.post(f"{running.url}/intake/events", json=REPORT, headers=headers)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def ended_while_streaming(folder: Path, running: Together) -> int:
    """The exit status after Ctrl-C with an open stream, whose client sees an end, not a cut."""
    subscriber = token(folder, "X26", "national")
    stream = f"{running.url}/learning/stream?after=0"
    with httpx.stream("GET", stream, headers=subscriber, timeout=END) as open_stream:
        lines = open_stream.iter_lines()
        assert next(lines).startswith("retry:")
        status = running.interrupt()
        assert not any(line.startswith("data:") for line in lines)
    return status
