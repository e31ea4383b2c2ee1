"""Every contestant by its name."""

from collections.abc import Mapping

from bench.contestants.append import append
from bench.contestants.base import Contest
from bench.contestants.eventsourced import saving
from bench.contestants.http import posting
from bench.contestants.kafka_performance import performing
from bench.contestants.message_db import writing
from bench.contestants.rebuilding import rebuilding
from bench.contestants.relaying import relaying, verifying
from bench.contestants.replaying import replaying
from bench.contestants.road import travelling

CONTESTS: Mapping[str, Contest] = {
    "append": append,
    "eventsourcing": saving,
    "message-db": writing,
    "http": posting,
    "rebuild": rebuilding,
    "replay": replaying,
    "relay": relaying,
    "verify": verifying,
    "kafka-performance": performing,
    "road": travelling,
}
