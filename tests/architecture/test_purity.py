"""The domain never waits, reads a clock, makes an id or does I/O, and a publisher neither."""

import ast
from pathlib import Path

import pytest

from tests.architecture.purity import faults, impurities
from tests.architecture.tree import ROOT, Fault, build

FAULTS = (
    ("import os", "imports os"),
    ("import random", "imports random"),
    ("from uuid import uuid4", "imports uuid"),
    ("from time import monotonic", "imports time"),
    ("import secrets", "imports secrets"),
    ("from pathlib import Path", "imports pathlib"),
    ("import urllib.request", "imports urllib.request"),
    ("import pydantic", "imports pydantic"),
    ("import orjson", "imports orjson"),
    ("from sqlalchemy import select", "imports sqlalchemy"),
    ("from shared.log.base import Log", "imports shared.log.base"),
    ("from shared.contracts import intake", "imports shared.contracts"),
    ("from services.learning.domain import lesson", "imports services.learning.domain"),
    ("from shared.kernel.clock import SystemClock", "takes SystemClock"),
    ("async def decide(): ...", "waits"),
    ("moment = datetime.now(UTC)", "reads a clock: .now()"),
    ("moment = dt.datetime.utcnow()", "reads a clock: .utcnow()"),
    ("day = date.today()", "reads a clock: .today()"),
    ("field(default_factory=datetime.now)", "reads a clock: now"),
    ("text = open('table.csv').read()", "calls open()"),
    ("print('said')", "calls print()"),
    ("value = eval('1')", "calls eval()"),
    ("def f():\n    global state", "changes the global state"),
)

PURE = (
    "from datetime import date, timedelta",
    "import hashlib",
    "from shared.kernel.decider import Facts",
    "from shared.nhs import clocks",
    "from services.intake.domain.rules import depth",
    "from . import messages",
    "day = facts.today",
    "moment = facts.now",
    "day = date.fromisoformat(text)",
)

ALLOWED = ("shared.kernel", "shared.nhs", "services.intake.domain")


def test_domains_and_publishers_are_pure() -> None:
    assert impurities(ROOT) == []


@pytest.mark.parametrize(("line", "said"), FAULTS)
def test_a_planted_fault_is_found(line: str, said: str) -> None:
    assert said in list(faults(ast.parse(line), ALLOWED))


@pytest.mark.parametrize("line", PURE)
def test_what_is_pure_passes(line: str) -> None:
    assert list(faults(ast.parse(line), ALLOWED)) == []


@pytest.mark.parametrize(
    "module",
    [
        "services.intake.publisher",
        "services.assurance.domain.rules",
        "services.learning.domain.lesson.decide",
    ],
)
def test_every_pure_place_is_looked_at(tmp_path: Path, module: str) -> None:
    build(tmp_path, [Fault(module, "import time", "purity")])
    [said] = impurities(tmp_path)
    assert said.endswith(": imports time")


def test_a_publisher_may_speak_in_contracts(tmp_path: Path) -> None:
    build(tmp_path, [Fault("services.intake.publisher", "import shared.contracts.base", "purity")])
    assert impurities(tmp_path) == []
