"""The directions of imports: the contracts of pyproject.toml hold, and each has been seen red."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT, Fault, build

FAULTS = (
    Fault("shared.log.base", "import services.intake", "product"),
    Fault("services.intake.api.reads", "import tests", "product"),
    Fault("services.intake.api.reads", "import pages", "product"),
    Fault("pages", "import tests", "product"),
    Fault("pages", "import bench", "product"),
    Fault("services.intake.service", "import bench", "product"),
    Fault("tests.kit", "import bench", "bench"),
    Fault("services.assurance.reactions", "import services.intake.publisher", "services"),
    Fault("services.learning.facts", "from services import assurance", "services"),
    Fault("services.intake.commands", "import services.__main__", "services"),
    Fault("services.intake.domain.incident.decide", "import services.learning.domain", "services"),
    Fault("services.intake.commands", "import services.intake.service", "roles"),
    Fault("services.assurance.facts", "import services.assurance.commands", "roles"),
    Fault("services.assurance.reactions", "import services.assurance.commands", "roles"),
    Fault("services.learning.publisher", "import services.learning.projections.views", "roles"),
    Fault("services.learning.projections.views", "import services.learning.api.reads", "roles"),
    Fault("services.intake.domain.rules", "import services.intake.publisher", "roles"),
    Fault(
        "services.assurance.domain.case.decide",
        "import services.assurance.domain.activity",
        "aggregates",
    ),
    Fault(
        "services.assurance.domain.rules",
        "import services.assurance.domain.case.state",
        "aggregates",
    ),
    Fault(
        "services.learning.domain.marks",
        "import services.learning.domain.lesson.messages",
        "aggregates",
    ),
    Fault(
        "services.assurance.domain.rules", "import services.assurance.domain.marks", "aggregates"
    ),
    Fault(
        "services.learning.domain.lesson.messages",
        "import services.learning.domain.lesson.decide",
        "aggregate",
    ),
    Fault(
        "services.assurance.domain.case.facts",
        "import services.assurance.domain.case.relations",
        "aggregate",
    ),
    Fault(
        "services.intake.domain.incident.state",
        "import services.intake.domain.incident.relations",
        "aggregate",
    ),
    Fault("services.intake.domain.incident.state", "import sqlalchemy", "domain"),
    Fault("services.intake.domain.rules", "import shared.log.base", "domain"),
    Fault("services.intake.domain.incident.decide", "import shared.contracts", "domain"),
    Fault("services.learning.domain.lesson", "import shared.telemetry.base", "domain"),
    Fault("services.intake.projections.views", "import shared.contracts.base", "contracts"),
    Fault("services.intake.facts", "import shared.contracts.base", "contracts"),
    Fault("shared.kernel.base", "import shared.nhs", "shared"),
    Fault("shared.log.base", "import shared.bus.base", "shared"),
    Fault("shared.bus.base", "import shared.projections.base", "shared"),
    Fault("shared.privacy.base", "import shared.security.base", "shared"),
    Fault("shared.contracts.base", "import shared.nhs.base", "shared"),
    Fault("shared.web.base", "import shared.runtime.base", "shared"),
    Fault("services.intake.facts", "import asyncpg", "drivers"),
    Fault("services.learning.publisher", "import aiokafka", "drivers"),
    Fault("shared.web.base", "import sqlite3", "drivers"),
    Fault("services.intake.commands", "from fastapi import Request", "fastapi"),
    Fault("shared.log.base", "import starlette", "fastapi"),
)


def lint(root: Path) -> tuple[int, set[str], str]:
    """The exit status, the names of the broken contracts, and the whole output."""
    code = "import sys; from importlinter.cli import lint_imports_command as c; sys.exit(c())"
    command = [sys.executable, "-c", code, "--no-cache", "--config", "pyproject.toml"]
    # Wide, so that no arrow is broken over two lines.
    wide = {**os.environ, "COLUMNS": "400"}
    said = subprocess.run(command, cwd=root, env=wide, capture_output=True, text=True, check=False)
    broken = re.findall(r"^(.+) BROKEN$", said.stdout, re.MULTILINE)
    return said.returncode, set(broken), said.stdout + said.stderr


def contract_names() -> dict[str, str]:
    """Contract id -> its name, as pyproject.toml gives them."""
    text = (ROOT / "pyproject.toml").read_text()
    pairs = re.findall(r'^id = "(.+)"\nname = "(.+)"$', text, re.MULTILINE)
    return dict(pairs)


@pytest.fixture
def house(tmp_path: Path) -> Path:
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_the_house_keeps_its_contracts() -> None:
    status, _, output = lint(ROOT)
    assert status == 0, output


def test_the_small_house_without_a_fault_passes(house: Path) -> None:
    build(house)
    status, _, output = lint(house)
    assert status == 0, output


@pytest.mark.parametrize("rule", sorted({fault.rule for fault in FAULTS}))
def test_planted_faults_are_found(house: Path, rule: str) -> None:
    planted = [fault for fault in FAULTS if fault.rule == rule]
    build(house, planted)
    status, broken, output = lint(house)
    assert status == 1, output
    assert contract_names()[rule] in broken, output
    assert [fault for fault in planted if fault.arrow not in output] == [], output


def test_a_new_package_must_be_given_its_place(house: Path) -> None:
    build(house)
    extra = house / "shared" / "helpers.py"
    extra.write_text("")
    status, broken, output = lint(house)
    assert (status, broken) == (1, {contract_names()["shared"]}), output


def test_every_contract_has_been_seen_red() -> None:
    assert {fault.rule for fault in FAULTS} == set(contract_names())
