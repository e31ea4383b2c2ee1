"""The bytes that every contestant of the append row stores: those of one everyday report."""

import json
from itertools import count

from shared.log.base import Entry, NewContract, NewEvent, RequestKey

EVENT = {
    "kind": "incident",
    "occurred": "2018-12-14",
    "organisation": "DEMOT01",
    "service_area": "acute",
    "agents": ["device"],
    "what_happened": "s" * 420,
    "immediate_action": "s" * 150,
    "patients": [{"number": 1, "age_bracket": "66-85y", "physical_harm": "low"}],
    "reporter": {"type": "staff", "role": "nurse"},
}
"""As long as the report of the demonstration, its narrative sealed."""

META = {"command": "c" * 26, "correlation": "c" * 36, "person": "p" * 26, "client": "bench"}
CONTRACT = {"incident": "i" * 26, "kind": "incident", "day": "2018-12-14", "leads": "DEMOT01"}
ATTRIBUTES = {"source": "urn:open-door:intake", "correlationid": "c" * 36, "traceparent": "t" * 55}

EVENT_BYTES, META_BYTES, CONTRACT_BYTES, ATTRIBUTE_BYTES = (
    json.dumps(one).encode() for one in (EVENT, META, CONTRACT, ATTRIBUTES)
)
TOPIC = "opendoor.intake.v1"


class Entries:
    """One entry after another, each an event on a stream of its own, a contract and a key."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._count = count(1)

    def next(self) -> Entry:
        number = next(self._count)
        stream = f"bench-{self._name}-{number}"
        return Entry(
            events=(_event(stream),),
            contracts=(_contract(stream, number % 12),),
            key=RequestKey(
                client="bench",
                key=f"{self._name}-{number}",
                fingerprint=bytes(32),
                stream=stream,
                version=1,
                status=201,
            ),
        )


def _event(stream: str) -> NewEvent:
    return NewEvent(
        stream=stream, version=1, type="reported", schema=1, data=EVENT_BYTES, meta=META_BYTES
    )


def _contract(stream: str, partition: int) -> NewContract:
    return NewContract(
        topic=TOPIC,
        partition=partition,
        id=f"{stream}/1",
        type="opendoor.intake.event_reported.v1",
        key=stream,
        subject=stream,
        time="2018-12-14T09:30:00Z",
        attributes=ATTRIBUTE_BYTES,
        data=CONTRACT_BYTES,
    )
