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

REASONS: Mapping[str, str] = {}
"""By the name of a bar: what was found where it did not hold, what was tried, what it brought."""
