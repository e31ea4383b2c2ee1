"""Removing generations that nobody follows any more."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from functools import partial

from sqlalchemy import select

from shared.log import leases
from shared.log.base import Store
from shared.log.leases import real_later
from shared.projections.base import Projection
from shared.projections.generations import GENERATIONS, Generation, generations
from shared.projections.swapping import drop


async def drop_unused(
    store: Store, projections: Iterable[Projection], after: timedelta = timedelta()
) -> list[Generation]:
    """Drops what was replaced so long ago and has no follower; answers what went. Only where this
    process's own shape is the current one: an older version drops nothing. Raises Unavailable."""
    dropped = []
    for one in projections:
        held = await generations(store, one.name)
        if any(two.state == "current" and two.shape == one.shape for two in held):
            for gone in await _retired_before(store, held, after):
                if await _unfollowed(store, gone):
                    await store.write(partial(drop, gone=gone))
                    dropped.append(gone)
    return dropped


async def drop_abandoned(store: Store, projection: Projection) -> list[Generation]:
    """Drops what was begun in another shape and is filled by nobody. Raises Unavailable."""
    dropped = []
    for one in await generations(store, projection.name):
        other = one.state == "building" and one.shape != projection.shape
        if other and await _unfollowed(store, one):
            await store.write(partial(drop, gone=one))
            dropped.append(one)
    return dropped


async def _retired_before(
    store: Store, held: Sequence[Generation], after: timedelta
) -> list[Generation]:
    """Those replaced long enough ago, by the database's clock; one without a cursor is useless
    at once."""
    long_ago = GENERATIONS.c.since <= real_later(store.dialect, -after)
    rows = await store.read(select(GENERATIONS.c.name, GENERATIONS.c.generation).where(long_ago))
    old = {(row.name, row.generation) for row in rows}
    return [
        one
        for one in held
        if one.state == "retired" and (one.applied is None or (one.name, one.generation) in old)
    ]


async def _unfollowed(store: Store, one: Generation) -> bool:
    return one.applied is None or await leases.holder(store, one.lease) is None
