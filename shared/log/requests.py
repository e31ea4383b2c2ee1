"""Request keys are kept for two days; a repeat after that meets the thing itself (H6)."""

from datetime import datetime, timedelta

from sqlalchemy import delete

from shared.log.base import Store
from shared.log.tables import REQUEST_KEYS

KEPT = timedelta(hours=48)


async def prune(store: Store, now: datetime) -> int:
    """Forgets keys recorded more than 48 hours before `now` (the log's clock); how many."""
    old = delete(REQUEST_KEYS).where(REQUEST_KEYS.c.recorded_at < now - KEPT)
    return await store.write(lambda connection: connection.execute(old).rowcount)
