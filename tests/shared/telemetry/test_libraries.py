"""Libraries' logs: warnings come through without the values they quote."""

import json
import logging

import pytest

from shared.telemetry import libraries
from tests.shared.telemetry.conftest import Lines

SECRET = "the patient in bed four"


def test_a_known_library_keeps_its_sentence_but_not_what_fills_it(lines: Lines):
    log = logging.getLogger("aiokafka.conn")
    log.warning("Unable to connect to %s:%d because of %s", "kafka-1", 9092, SECRET)
    (line,) = lines()
    assert line["code"] == "OD-LOG-900"
    assert line["library"] == "aiokafka.conn"
    assert line["text"] == "Unable to connect to %s:%d because of %s"
    assert line["values"] == ["kafka-1", 9092]
    assert SECRET not in json.dumps(line)


def test_an_unknown_library_tells_its_place_only(lines: Lines):
    logging.getLogger("elsewhere").error(f"read {SECRET}")
    (line,) = lines()
    assert line["library"] == "elsewhere"
    assert line["place"].startswith("test_libraries:test_an_unknown_library")
    assert SECRET not in json.dumps(line)


def test_what_is_less_than_a_warning_is_left_out(lines: Lines):
    for name in ("uvicorn.error", "aiokafka", "sqlalchemy.engine"):
        logging.getLogger(name).info("chatter")
    logging.getLogger("uvicorn.access").warning("GET /intake/receipts")
    assert lines() == []


def test_a_message_that_is_no_text_is_told_by_its_class(lines: Lines):
    logging.getLogger("asyncio").error(ValueError(SECRET))
    (line,) = lines()
    assert line["text"] == "ValueError"


def _departure() -> Exception:
    kind = type("ClientDisconnect", (Exception,), {"__module__": "starlette.requests"})
    error = kind()
    assert isinstance(error, Exception)
    return error


@pytest.mark.parametrize(
    ("error", "written"),
    [
        (_departure(), 0),
        (ExceptionGroup("both", [_departure(), _departure()]), 0),
        (ExceptionGroup("one", [_departure(), ValueError()]), 1),
        (ValueError(), 1),
    ],
)
def test_a_client_that_left_is_no_line(lines: Lines, error: Exception, written: int):
    logging.getLogger("uvicorn.error").error("Exception in ASGI application", exc_info=error)
    assert len(lines()) == written


def test_the_frameworks_own_departure_has_the_name_we_look_for():
    from starlette.requests import ClientDisconnect

    assert f"{ClientDisconnect.__module__}.{ClientDisconnect.__qualname__}" == (
        "starlette.requests.ClientDisconnect"
    )


def test_what_is_said_at_each_try_is_told_once_a_while(
    lines: Lines, monkeypatch: pytest.MonkeyPatch
):
    """A client of a broker that is gone told nine hundred lines in two minutes."""
    log = logging.getLogger("aiokafka.client")

    def tried(node: int) -> None:
        log.error("Unable to connect to node %d", node)

    for node in (1, 2, 3):
        tried(node)
    log.error("Something else")
    first, other = lines()
    assert (first["values"], other["text"]) == ([1], "Something else")
    assert "repeats" not in first
    monkeypatch.setattr(libraries, "QUIET", 0.0)
    tried(4)
    assert lines()[-1]["repeats"] == 2


def test_an_error_is_told_each_time(lines: Lines):
    log = logging.getLogger("uvicorn.error")
    for error in (ValueError(), KeyError()):
        log.error("Exception in ASGI application", exc_info=error)
    assert [one["type"] for one in lines()] == ["builtins.ValueError", "builtins.KeyError"]
