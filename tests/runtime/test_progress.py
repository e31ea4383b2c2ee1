"""Progress: a bar on a terminal, and a few plain lines where there is none."""

import io
import sys

import pytest

from shared.runtime.progress import STEPS, progress_bar


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_without_a_terminal_a_few_lines_are_printed(capsys: pytest.CaptureFixture[str]):
    with progress_bar("Importing") as show:
        for done in range(1001):
            show(done, 1000, "rows")
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == STEPS + 1
    assert (lines[0], lines[-1]) == ("Importing: 0% rows", "Importing: 100% rows")


def test_nothing_to_do_is_no_error(capsys: pytest.CaptureFixture[str]):
    with progress_bar("Importing") as show:
        show(0, 0, "rows")
    assert capsys.readouterr().err == "Importing: 0% rows\n"


def test_on_a_terminal_there_is_a_bar(monkeypatch):
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    with progress_bar("Importing") as show:
        show(500, 1000, "rows")
    assert "Importing: rows" in terminal.getvalue()
    assert "50%" in terminal.getvalue()


def test_on_a_terminal_there_is_no_bar_for_nothing(monkeypatch):
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    with progress_bar("Building"):
        pass
    assert terminal.getvalue() == ""
