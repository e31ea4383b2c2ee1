"""Reports filed in this process by the product's own way of a command, to fill a log."""

import asyncio
import json
from itertools import count
from typing import Any

from services.demonstration.story_2018 import connected_to_air
from services.intake.domain.incident.messages.report import ReportEvent
from services.intake.service import service
from shared.kernel.decider import Actor
from shared.nhs import synthetic
from shared.runtime.engine import Engine
from shared.web.asked import Asked
from shared.web.commands import route_of

AT_ONCE = 64
DAY = "2018-12-14"


async def file_reports(engine: Engine, number: int) -> None:
    """So many reports of one trust, each with a request key."""
    numbers = count(1)

    async def client() -> None:
        while (one := next(numbers)) <= number:
            await engine.handle(_asked(one))

    await asyncio.gather(*(client() for _ in range(AT_ONCE)))


ROW: Any = service.row_for(ReportEvent)
ADAPTER = route_of(ROW).adapter
BODY = json.dumps(connected_to_air(DAY)).encode()
ACTOR = Actor(
    client="bench",
    person="p1",
    organisation=synthetic.trust(1),
    kind="trust",
    roles=frozenset({"trust"}),
)


def _asked(number: int) -> Asked:
    return Asked(
        row=ROW,
        id=None,
        command=ADAPTER.validate_json(BODY),
        actor=ACTOR,
        client=ACTOR.client,
        key=f"filed-{number}",
        fingerprint=bytes(32),
        expected_version=None,
        correlation=f"{number:032x}",
        request_id=f"{number:032x}",
        traceparent="",
        body=BODY,
    )
