"""What the page says around its figures."""

from collections.abc import Mapping
from dataclasses import dataclass

from bench.names import (
    APPEND,
    COST,
    EIGHT,
    IMPORT,
    LONG,
    POST,
    PROCESSES,
    REBUILD,
    RELAY,
    ROAD,
    VERIFY,
)

OPENING = """\
# Benchmarks

`make bench` measures everything below in one run and writes this page, its pictures, and
`var/bench/latest.json`; `make bench-long` measures what needs millions of events. Both start their
own PostgreSQL, which writes to the disk what it acknowledges, and their own Kafka, and end both.

Read the figures as ratios. Everything runs on one machine: databases, broker, services, peers and
the clients share its cores, so that a faster machine moves all of them. What is compared was
measured in turns, round by round, and each figure is the median of its samples.
"""


@dataclass(frozen=True, slots=True)
class Section:
    """One part of the page."""

    row: str
    title: str
    text: str


SECTIONS: tuple[Section, ...] = (
    Section(
        POST,
        "A report, posted",
        """\
`POST /intake/events` over HTTP with a token, a request key and a narrative; answered when events,
contracts and key are durable. Clients are connections that ask again once they are answered.

- The *plain handler* is what a good engineer writes in a day to keep the same promises: FastAPI,
  one SQLAlchemy session that adds event, outbox row and request key, and commits. It verifies the
  same token, and believes one that it knows; it seals nothing and chains nothing.
- The *no-op POST* is the same application, from middleware to receipt, whose handler writes
  nothing.
- With the *worker running* the service's worker follows meanwhile, with relay, read models and
  heads: on PostgreSQL in a process of its own, on SQLite in the one that serves.
""",
    ),
    Section(
        APPEND,
        "The log alone",
        """\
One event with its contract, its attributes and its request key, durable. The peers store the same
event and neither contract nor key: `eventsourcing` saves an aggregate (a thread and a connection a
client), message-db calls `write_message` (a connection a client, all streams of one category).
""",
    ),
    Section(
        EIGHT,
        "Eight processes appending",
        """\
Eight processes with 32 writers each on one PostgreSQL, against one such process alone; p99 is that
of the process that saw the slowest.
""",
    ),
    Section(
        REBUILD,
        "A read model, rebuilt",
        """\
`projections rebuild` of intake's list of events: read, decoded, rows written and shown, over 5,000
reports of two events each. Against the `eventsourcing` library that reads its notification log and
decodes each event; what the bar compares with writes no rows, and a second line writes one for each
event, in a transaction for each page.
""",
    ),
    Section(
        RELAY,
        "The relay to Kafka",
        """\
What is published, from PostgreSQL to Kafka: twelve partitions, idempotent, all acknowledged.
Kafka's own ProducerPerformance sends as many records of the same size to as many partitions, out of
memory.
""",
    ),
    Section(
        ROAD,
        "From a classification to the commissioner's list",
        """\
A trust classifies 200 reports a second as never events; assurance hears it through Kafka, opens the
case, and projects its row. Each service runs as api and worker in processes of their own. A row
counts when its commit is told to a listener.
""",
    ),
    Section(
        COST,
        "What a report costs",
        """\
CPU seconds for reports through the whole road (filed, classified, told, heard, a case, its rows),
scaled to 100,000 of them; and bytes on disk a report, indexes included.
""",
    ),
    Section(
        PROCESSES,
        "The processes",
        """\
Seconds from the start of a process to its first ready answer, median of three, and what it holds in
memory then (pages that processes share are divided between them).
""",
    ),
    Section(VERIFY, "The chain, verified", "Events a second that are read and hashed.\n"),
    Section(IMPORT, "Bulk import", "NDJSON of reports, with their request keys.\n"),
    Section(
        LONG,
        "Over millions of events",
        """\
By `make bench-long`: one writer's append on a log of ten million events against one of a hundred
thousand, and the verification of a million.
""",
    ),
)

REASONS: Mapping[str, str] = {
    "durable POST /intake/events, 32 clients, PostgreSQL, against the plain handler": (
        "a report costs the API about 2 ms of CPU, so that one process files some hundreds a "
        "second, whatever the log could take. It was found that each answer on a kept connection "
        "waited 40 ms: its body stood behind its headers until the client acknowledged those, as "
        "the listening socket did not say TCP and the loop left Nagle's algorithm on. That is "
        "mended (p50 of the no-op, one client: 44 ms before). The processes now run on uvloop with "
        "a calmed collector (4.5 to 3.5 ms of CPU a report on a crowded machine). The plain "
        "handler seals, screens, signs and chains nothing."
    ),
    "the same against the same app's no-op POST, worker idle": (
        "by profile the handler makes 2,500 calls a report, and no file has more than a twentieth "
        "of them: two events and their contracts are decided, eight fields sealed, the narrative "
        "screened, codes looked through, a receipt signed (47 us). The no-op takes 0.5 ms of CPU. "
        "Tried: ids spelled two letters at a time (3.6 to 1.8 us, five a report), parts joined "
        "without a generator (0.9 to 0.5 us, sixteen), one cipher for the fields of a key (2.4 us "
        "each), what stood under a code remembered: together 0.21 to 0.25 of the no-op by CPU "
        "alone. The rest needs fewer steps, not quicker ones."
    ),
    "log append, 32 writers, PostgreSQL, against eventsourcing's save": (
        "not explained yet. The rounds of one run lie twice apart (4,500 to 8,600 a second), and a "
        "first form of the same append, without the appender around it, did 15,000 and more on a "
        "machine of this size; with 128 clients it is twenty times the peer. What an append costs "
        "in this process, and what in the database, is the next thing to measure."
    ),
    "log append, 32 writers, PostgreSQL, against message-db's write_message": (
        "as against eventsourcing's save; message-db stores the event alone, without contract, key "
        "and chain."
    ),
    "rebuild of a read model, rows written, against eventsourcing's notification-log replay": (
        "what it is held against reads and decodes, and writes no row; the line below it does. A "
        "third of a rebuild waits for the database, the rest decodes and folds rows of fifty "
        "columns in Python. Tried: rows copied by hand instead of by deepcopy (a quarter of the "
        "calls gone). Reading the next page while one is written is what is left to try."
    ),
    "accepted classification to the case's row, through Kafka, 200/s: p50": (
        "on a shared machine a report on this road took 24 ms of CPU in four processes (what this "
        "run took stands in the table of costs): 8.6 its API, 8.4 its worker, 7.0 the worker that "
        "hears it, so that "
        "200 a second need more than two cores, and the queue grows for as long as they come. "
        "A worker wakes every projection, relay and reader for each commit, 200 times a second at "
        "most; waking them less often under load is what is left to try."
    ),
    "accepted classification to the case's row, through Kafka, 200/s: p99": (
        "as for p50: it is the length of the queue."
    ),
}
"""By the name of a bar: what was found where it did not hold, what was tried, what it brought."""
