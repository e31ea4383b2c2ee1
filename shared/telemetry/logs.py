"""Logs: one JSON object a line, with a catalogued code, the ids at hand and no free text.

Modules log through `structlog.get_logger(__name__)`; ids of the request or record at hand are
bound with `structlog.contextvars`.
"""

import os
import sys
from collections.abc import MutableMapping
from datetime import UTC, datetime
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict, Processor

from shared.telemetry.catalogue import CATALOGUE, UNLISTED
from shared.telemetry.errors import current, told
from shared.telemetry.libraries import listen
from shared.telemetry.redaction import redact

LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}


def configure_logs(
    *,
    service: str,
    process: str,
    development: bool = False,
    level: str = "info",
    stream: TextIO | None = None,
) -> None:
    """Sets up the logs of this process, once at its start; again replaces what was set.

    `service` names a service, or `all` for the embedded process; `process` api, worker, deliver or
    up. Lines go to standard error, or to `stream`: JSON, or in colours where a developer's
    terminal reads them. Raises KeyError for an unknown `level`.
    """
    out = stream or sys.stderr
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            _Standing(service, process),
            _redacted,
            _renderer(development and out.isatty()),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(LEVELS[level]),
        logger_factory=_Factory(stream),
        cache_logger_on_first_use=False,
    )
    listen()


class _Standing:
    """Adds what every line has, and tells an exception in our way."""

    def __init__(self, service: str, process: str) -> None:
        self._every = {"service": service, "process": process}

    def __call__(self, logger: Any, method: str, fields: EventDict) -> EventDict:
        event = str(fields.pop("event", ""))
        line = CATALOGUE.get(event)
        error = current(fields.pop("exc_info", None))
        return {
            "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "level": "error" if method == "exception" else method,
            "code": line.code if line else UNLISTED,
            "event": event,
            "says": line.sentence if line else None,
            "logger": getattr(logger, "name", None),
            **self._every,
            **fields,
            **(told(error) if error else {}),
        }


def _redacted(logger: Any, method: str, fields: EventDict) -> MutableMapping[str, Any]:
    return {name: one for name, one in redact(fields).items() if one is not None}


def _renderer(for_eyes: bool) -> Processor:
    if not for_eyes:
        return structlog.processors.JSONRenderer(ensure_ascii=False)
    return structlog.dev.ConsoleRenderer(
        colors="NO_COLOR" not in os.environ, timestamp_key="time", pad_event_to=0
    )


class _Factory:
    """Makes the writer behind each logger, which remembers the logger's name."""

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = stream

    def __call__(self, *names: object) -> "_Writer":
        return _Writer(self._stream, str(names[0]) if names else None)


class _Writer:
    """Writes whole lines; standard error is looked up anew, since tests and tools exchange it."""

    def __init__(self, stream: TextIO | None, name: str | None) -> None:
        self._stream = stream
        self.name = name

    def msg(self, line: str) -> None:
        out = self._stream or sys.stderr
        out.write(f"{line}\n")
        out.flush()

    debug = info = warning = error = critical = exception = fatal = log = msg
