"""The shell scripts hold what shellcheck asks of them."""

from pathlib import Path

import pytest

from tests.deploy.files import ROOT, tool

SCRIPTS = (ROOT / ".ci" / "run", ROOT / "deploy" / "pin-digests")


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda one: str(one.name))
def test_shellcheck_warns_of_nothing(script: Path) -> None:
    found = tool("shellcheck", "--severity=warning", script)
    assert (found.returncode, found.stdout) == (0, "")


def test_a_quoting_fault_is_found(tmp_path: Path) -> None:
    planted = tmp_path / "planted"
    planted.write_text("#!/bin/sh\nrm -rf $1/*\nfor one in $(ls *.txt); do cat $one; done\n")
    assert tool("shellcheck", "--severity=style", planted).returncode == 1
