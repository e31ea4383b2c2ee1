"""What production shows of its readers: on each worker's health port, and in its API's status."""

from typing import Any

import httpx
from prometheus_client.parser import text_string_to_metric_families

from tests.kit.bus import until
from tests.kit.processes import SERVICES, ProcessWorld

PATIENCE = 60.0


async def all_readers_stand_well(world: ProcessWorld) -> None:
    """After a story: relay, reader and projection show that they have caught up, and each API says
    how the bus stands. Raises AssertionError where they do not come to it."""
    async with httpx.AsyncClient(timeout=10) as client:

        async def caught_up() -> bool:
            carried = await _lags(client, world, "intake")
            heard = await _lags(client, world, "assurance")
            return (
                carried.get(("projection:events", "log")) == 0
                and carried.get(("relay", "opendoor.intake.v1")) == 0
                and heard.get(("assurance", "opendoor.intake.v1")) == 0
            )

        async def well() -> bool:
            said = [await _status(client, world, one) for one in SERVICES]
            return all(one["status"] == "ok" and "bus" in one["checks"] for one in said)

        await until(caught_up, PATIENCE)
        await until(well, PATIENCE)


async def _lags(
    client: httpx.AsyncClient, world: ProcessWorld, service: str
) -> dict[tuple[str, str], float]:
    """How far a worker's readers are behind, all partitions of a topic together."""
    answer = await client.get(f"{world.url(f'work {service}')}/metrics")
    assert answer.status_code == 200
    found: dict[tuple[str, str], float] = {}
    for family in text_string_to_metric_families(answer.text):
        for one in family.samples:
            if one.name == "opendoor_reader_lag":
                place = one.labels["reader"], one.labels["topic"]
                found[place] = found.get(place, 0) + one.value
    return found


async def _status(client: httpx.AsyncClient, world: ProcessWorld, service: str) -> dict[str, Any]:
    answer = await client.get(f"{world.url(f'serve {service}')}/{service}/_status")
    assert answer.status_code == 200
    return dict(answer.json())
