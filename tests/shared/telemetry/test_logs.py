"""Logs: whole lines with code and ids, and never what somebody wrote, sent or hid."""

import asyncio
import io
import json
import logging

import pytest
import structlog

from shared.kernel.errors import Broken
from shared.telemetry.logs import configure_logs
from tests.shared.telemetry.conftest import Lines

SECRET = "the patient in bed four"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_line_has_its_code_its_sentence_and_where_it_comes_from(lines: Lines):
    structlog.get_logger("shared.runtime.supervise").warning("task_waits", task="relay")
    (line,) = lines()
    assert line.pop("time").endswith("+00:00")
    assert line == {
        "level": "warning",
        "code": "OD-LOG-010",
        "event": "task_waits",
        "says": "A task waits for something that is away, and will try again.",
        "logger": "shared.runtime.supervise",
        "service": "intake",
        "process": "api",
        "task": "relay",
    }


def test_a_word_that_is_not_catalogued_shows_as_such(lines: Lines):
    structlog.get_logger().info("something_else")
    (line,) = lines()
    assert (line["code"], line["event"]) == ("OD-LOG-000", "something_else")


async def test_ids_of_the_work_at_hand_stand_in_its_lines_alone(lines: Lines):
    async def work(correlation: str) -> None:
        with structlog.contextvars.bound_contextvars(correlation_id=correlation):
            await asyncio.sleep(0)
            structlog.get_logger().info("task_waits", task=correlation)

    await asyncio.gather(work("c1"), work("c2"))
    structlog.get_logger().info("task_waits", task="none")
    assert [(line["task"], line.get("correlation_id")) for line in lines()] == [
        ("c1", "c1"),
        ("c2", "c2"),
        ("none", None),
    ]


def test_an_exception_is_told_by_class_and_place_not_by_message(lines: Lines):
    log = structlog.get_logger()
    try:
        raise ValueError(SECRET)
    except ValueError:
        log.exception("task_failed", task="relay")
    (line,) = lines()
    assert line["type"] == "builtins.ValueError"
    assert line["level"] == "error"
    assert line["at"][-1].startswith(f"{__name__}:test_an_exception_is_told")
    assert SECRET not in json.dumps(line)


def test_our_own_errors_say_their_detail_and_what_led_to_them(lines: Lines):
    try:
        try:
            raise KeyError(SECRET)
        except KeyError as cause:
            raise Broken("The chain is broken at 7.") from cause
    except Broken as error:
        structlog.get_logger().error("task_red", exc_info=error)
    (line,) = lines()
    assert line["detail"] == "The chain is broken at 7."
    assert line["causes"] == ["builtins.KeyError"]
    assert SECRET not in json.dumps(line)


def test_lines_below_the_level_are_not_written(untouched: None):
    stream = io.StringIO()
    configure_logs(service="all", process="up", level="warning", stream=stream)
    structlog.get_logger().info("task_waits")
    assert stream.getvalue() == ""
    with pytest.raises(KeyError):
        configure_logs(service="all", process="up", level="loud")


def test_standard_error_is_the_default(untouched: None, capsys: pytest.CaptureFixture[str]):
    configure_logs(service="all", process="up")
    structlog.get_logger().info("task_waits", task="relay")
    assert json.loads(capsys.readouterr().err)["task"] == "relay"


def test_a_developer_at_a_terminal_reads_plain_text(
    untouched: None, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("NO_COLOR", "1")
    terminal, production = Terminal(), Terminal()
    configure_logs(service="all", process="up", development=True, stream=terminal)
    structlog.get_logger().info("task_waits", task="relay", body=SECRET)
    assert "task_waits" in terminal.getvalue()
    assert "task=relay" in terminal.getvalue()
    assert SECRET not in terminal.getvalue()
    assert "\x1b" not in terminal.getvalue()
    configure_logs(service="all", process="up", stream=production)
    structlog.get_logger().info("task_waits", task="relay")
    assert json.loads(production.getvalue())["task"] == "relay"


def test_setting_up_twice_writes_a_line_once(untouched: None):
    stream = io.StringIO()
    for _ in range(2):
        configure_logs(service="all", process="up", stream=stream)
    logging.getLogger("aiokafka").warning("once")
    assert len(stream.getvalue().splitlines()) == 1
