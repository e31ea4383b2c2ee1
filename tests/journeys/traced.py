"""One trace through six processes and Kafka, as a collector on the network meets it."""

from tests.kit.bus import until
from tests.kit.collector import Collector, Sent

TOPIC = "opendoor.intake.v1"
HEAR = "hear opendoor.intake.classification_decided.v1"
PATIENCE = 90.0
ROAD = [
    ("project cases", "open-door-assurance-worker"),
    (HEAR, "open-door-assurance-worker"),
    ("POST /events/{event}/classification", "open-door-intake-api"),
]
STEPS = {
    *ROAD,
    (f"send {TOPIC}", "open-door-intake-worker"),
    (f"commit {TOPIC}", "open-door-assurance-worker"),
}


async def a_trace_goes_to_the_case_s_row(found: Collector) -> None:
    """From a decision's request through Kafka to the commissioner's row, and no step is missing.
    Raises AssertionError where none comes."""

    async def arrived() -> bool:
        return any(_whole(found, one) for one in found.sent)

    await until(arrived, PATIENCE)


def _whole(found: Collector, last: Sent) -> bool:
    """Whether this is the row at the end of the road, and the steps beside it have come too."""
    steps = found.of(last.trace_id)
    others = {(one.name, one.process) for one in steps}
    return last.name == "project cases" and others >= STEPS and _road(steps, last) == ROAD


def _road(steps: list[Sent], last: Sent) -> list[tuple[str, str]]:
    """From a step back to the one that began its trace, each with its process."""
    by_id = {one.span_id: one for one in steps}
    found = [last]
    while found[-1].follows:
        found.append(by_id[found[-1].follows])
    return [(one.name, one.process) for one in found]
