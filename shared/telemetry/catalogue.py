"""The catalogue of log lines: each word that is logged has a code for ever and a sentence.

Codes by hundreds: 0 processes and their tasks, 1 web, 2 tokens and keys, 3 log, bus and read
models, 4 deliveries, 9 libraries. A code is never given again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

UNLISTED = "OD-LOG-000"


@dataclass(frozen=True, slots=True)
class Line:
    """`code` is what an operator searches for and a runbook is filed under."""

    code: str
    sentence: str


CATALOGUE: Mapping[str, Line] = MappingProxyType(
    {
        "task_waits": Line(
            "OD-LOG-010", "A task waits for something that is away, and will try again."
        ),
        "task_red": Line("OD-LOG-011", "A task has stopped: a person must look."),
        "task_failed": Line("OD-LOG-012", "A task met an unexpected error and starts again."),
        "task_over": Line("OD-LOG-013", "A task has nothing left to do in this process."),
        "task_runs": Line("OD-LOG-015", "What tasks waited for is there again: they go on."),
        "process_cut_short": Line(
            "OD-LOG-017", "The process was told to end, and something held it: it was cut short."
        ),
        "task_not_ended": Line(
            "OD-LOG-016", "A task did not end in time, and is left behind with what it waits for."
        ),
        "traces_not_sent": Line(
            "OD-LOG-014", "Traces are asked for, and the extra `otel` that sends them is missing."
        ),
        "setting_unknown": Line(
            "OD-LOG-018", "A variable is set that looks like a setting and is none."
        ),
        "web.broken": Line("OD-LOG-100", "A request met a record that cannot be trusted."),
        "web.unexpected": Line("OD-LOG-101", "A request met an error that nobody foresaw."),
        "sse.tail_waits": Line("OD-LOG-110", "A live view waits for the database."),
        "sse.ended": Line("OD-LOG-111", "A live view ended for a reason of ours."),
        "sse.let_go": Line("OD-LOG-112", "A subscriber of a live view was let go."),
        "issuer_keys_not_read": Line(
            "OD-LOG-200", "The issuer's keys could not be read; those at hand go on serving."
        ),
        "record_parked": Line(
            "OD-LOG-300", "A record could not be taken: it is parked, with later ones of its key."
        ),
        "series_gap": Line(
            "OD-LOG-301", "A series has a gap or was rewound: its partition waits for a person."
        ),
        "relay_runs": Line("OD-LOG-302", "What is told is carried to Kafka from this process."),
        "relay_waits": Line(
            "OD-LOG-303", "The relay waits for Kafka or the database; nothing is lost meanwhile."
        ),
        "client_not_closed": Line("OD-LOG-304", "A client of Kafka did not close in time."),
        "library": Line("OD-LOG-900", "A library said something."),
    }
)
