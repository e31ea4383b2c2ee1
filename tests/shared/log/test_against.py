"""A log held against heads and receipts that were kept elsewhere: what its own chain cannot show
is found on both databases."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from shared.kernel.clock import SystemClock
from shared.log import schema
from shared.log.against import Against
from shared.log.base import Log
from shared.log.chain import verify
from shared.log.opening import open_log
from shared.security.evidence import Evidence, Receipt, signed_head, signed_receipt
from tests.kit.heads import PRIVATE, SERIES, head_at
from tests.kit.log_entries import entry, event
from tests.kit.rewriting import cut, rewrite


@pytest.fixture(params=["sqlite", "postgres"])
async def log(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Log]:
    url = f"sqlite:///{tmp_path}/log.db"
    if request.param == "postgres":
        url = request.getfixturevalue("postgres_url")
    opened = open_log(url, SystemClock())
    await opened.store.write(schema.create)
    await opened.append([entry(event(f"s-{i}", 1), event(f"s-{i}", 2)) for i in range(5)])
    yield opened
    await opened.close()


async def receipt_at(log: Log, position: int) -> Receipt:
    head = await head_at(log, position)
    told = {name: getattr(head, name) for name in ("service", "deployment", "hash", "time", "key")}
    return signed_receipt(Receipt(id="s-1", digest="00", position=position, **told), PRIVATE)


async def faults(log: Log, *evidence: Evidence, service: str = "intake") -> list[str]:
    against = Against(service, evidence, (SERIES,))
    against.end(await verify(log, meet=against.meet, page=4))
    return against.faults


async def test_what_was_kept_stands_in_the_log(log: Log):
    kept: list[Evidence] = [await head_at(log, 3), await receipt_at(log, 3), await head_at(log, 10)]
    assert await faults(log, *kept) == []
    against = Against("intake", kept, (SERIES,))
    await verify(log, meet=against.meet)
    assert against.held == 3


async def test_a_history_rewritten_with_fresh_hashes_is_found(log: Log):
    before, at, after = [await head_at(log, position) for position in (4, 5, 9)]
    receipt = await receipt_at(log, 5)
    await rewrite(log, 5, b'{"forged":true}')
    assert await verify(log) == await log.head()
    assert await faults(log, before) == []
    said = "does not fit what stands there: the log was rewritten."
    assert await faults(log, at, receipt, after) == [
        f"The head of intake at position 5 {said}",
        f"The receipt of intake at position 5 {said}",
        f"The head of intake at position 9 {said}",
    ]


async def test_an_end_cut_off_is_found(log: Log):
    head, receipt = await head_at(log, 9), await receipt_at(log, 8)
    await cut(log, 7)
    assert await verify(log) == await log.head()
    assert await faults(log, head, receipt) == [
        "The log ends at 7, the receipt says 8: its end was cut off.",
        "The log ends at 7, the head says 9: its end was cut off.",
    ]


async def test_a_forged_head_is_not_looked_for(log: Log):
    forged = replace(await head_at(log, 5), position=6)
    assert await faults(log, forged) == [
        "The head of intake at position 6 is forged or was changed: its signature does not fit."
    ]


async def test_a_head_of_another_service_says_nothing_of_this_log(log: Log):
    assert await faults(log, await head_at(log, 5), service="learning") == [
        "The head of intake at position 5 is not about learning."
    ]


async def test_a_head_with_another_time_than_the_row_is_found(log: Log):
    """As its signature holds, only the log can have changed."""
    head = await head_at(log, 5)
    other = signed_head(replace(head, time="2020-01-01T00:00:00Z", signature=""), PRIVATE)
    assert "rewritten" in (await faults(log, other))[0]
