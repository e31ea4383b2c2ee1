"""What anyone may keep to prove a log to others: the keys that sign, and the signed heads."""

from collections.abc import Sequence
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Response

from shared.contracts.heads import topic_of
from shared.log.base import Log, Published
from shared.web.answers import answer
from shared.web.context import Web
from shared.web.openness import ANYONE
from shared.web.paging import Page

KEPT = "public, max-age=60"
"""How long the keys may be kept: a new one is known everywhere within the overlap with the old."""


def evidence_routes(web: Web) -> APIRouter:
    """`/keys` and `/heads` of one running service, open to anyone."""
    router = APIRouter(tags=["evidence"])
    topic = topic_of(web.service.name)

    @router.get("/keys", dependencies=[ANYONE], response_model=dict[str, Any])
    async def list_keys() -> Response:
        """Every public key that ever signed heads and receipts here, with the time for which it
        is valid: keep them, and verify offline."""
        return answer(await web.signatures.published(), headers={"Cache-Control": KEPT})

    @router.get("/heads", dependencies=[ANYONE], response_model=dict[str, Any])
    async def list_heads(page: Annotated[Page, web.paging]) -> Response:
        """Signed heads of the log, the newest first: keep them, and the log cannot be rewritten
        without your noticing."""
        before = int(page.after[0] or 0) if page.after else None
        rows = await _newest_first(web.log, topic, before, page.limit + 1)
        items = [{"n": row.n, **orjson.loads(row.data)} for row in rows]
        return page.reply(items, lambda item: (item["n"],))

    return router


async def _newest_first(
    log: Log, topic: str, before: int | None, limit: int
) -> Sequence[Published]:
    """Up to `limit` rows with n < `before`: numbers have no gaps, so a page is a range."""
    if before is None:
        before = (await log.published_heads(topic)).get(0, 0) + 1
    start = max(before - 1 - limit, 0)
    rows = await log.published(topic, 0, start, before - 1 - start)
    return rows[::-1]
