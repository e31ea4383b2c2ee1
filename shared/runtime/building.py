"""Fills read models beside those that are shown, and shows them in their place."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Literal, TypeVar

from sqlalchemy import Connection

from shared.kernel.errors import Unavailable
from shared.log.base import Log
from shared.log.codec import Codec
from shared.log.leases import Held
from shared.projections.base import Projection
from shared.projections.generations import Generation, generations
from shared.projections.projector import NEAR, Projector, always
from shared.projections.swapping import begin
from shared.projections.tidying import drop_abandoned, drop_unused
from shared.runtime.heard import HEARD
from shared.runtime.service import Service

T = TypeVar("T")

LEASE = timedelta(seconds=10)
LOOK = 0.05
"""Seconds between two looks while another fills, or while it is a hair behind what is shown."""
TRIES = 40
"""Changes of the schema that others may keep from happening before it is given up."""

Show = Callable[[int, int, str], None]
"""(applied, head, name), as a progress bar takes it."""

Done = Literal["as it was", "built", "filled", "built by another process"]


def no_bar(applied: int, head: int, name: str) -> None:
    """For whoever does not watch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """What became of one projection: the generation that is shown or filled, and how."""

    name: str
    generation: int
    done: Done


@dataclass(frozen=True, slots=True, kw_only=True)
class Builder:
    """Builds one service's read models.

    `owner` names this process in leases; None where no other can be there (one file has one
    writing process). With `leave_swap` what is filled is left to this version's workers, who show
    it; `others_stopped` says that no older version reads any more, so that columns may go.
    """

    service: Service
    log: Log
    owner: str | None = None
    show: Show = no_bar
    leave_swap: bool = False
    others_stopped: bool = False

    async def build(self) -> list[Built]:
        """Every projection whose shape is not that of what is shown. Raises NotNow before it
        fills anything that could not be shown, Broken when a view fails, Unavailable."""
        projections = self.service.projections
        begun = await self._begun(projections)
        built = [
            await self._fill(one, its, one.lease)
            for one, its in zip(projections, begun, strict=True)
        ]
        if self.owner is None:
            await drop_unused(self.log.store, self.service.projections)
        return built

    async def rebuild(self, projection: Projection) -> Built:
        """This one from the first event, whatever is shown; raises as `build`."""
        (begun,) = await self._begun((projection,), anew=True)
        built = await self._fill(projection, begun, f"rebuild:{projection.name}")
        await patiently(lambda: drop_unused(self.log.store, (projection,)))
        return built

    async def _begun(
        self, projections: Sequence[Projection], *, anew: bool = False
    ) -> list[Generation]:
        """What is to be filled; all of it is begun, or nothing."""
        for one in projections:
            await patiently(partial(drop_abandoned, self.log.store, one))

        def job(connection: Connection) -> list[Generation]:
            stopped = self.others_stopped
            return [
                begin(connection, one, anew=anew, others_stopped=stopped) for one in projections
            ]

        return await self.log.store.write(job)

    async def _fill(self, projection: Projection, begun: Generation, lease: str) -> Built:
        if begun.state == "current":
            return _built(begun, "as it was")
        decode = Codec((*self.service.aggregates, HEARD)).decode_known
        projector = Projector(projection, self.log, decode, pinned=begun.generation)
        held = Held(self.log.store, lease, self.owner, LEASE) if self.owner else None
        try:
            while True:
                mine = held is None or await held.now()
                if await self._shown_by_another(begun):
                    return _built(begun, "built by another process")
                if mine:
                    break
                await asyncio.sleep(LOOK)
            return _built(begun, await self._filled(projector, held.now if held else always))
        finally:
            if held is not None:
                await held.give_back()

    async def _filled(self, projector: Projector, held: Callable[[], Awaitable[bool]]) -> Done:
        name, near = projector.projection.name, 0
        while True:
            # Asked for again in time; whoever else takes it up meanwhile, the cursor decides.
            await held()
            await projector.step()
            head = (await self.log.head()).position
            behind = head - projector.state.applied
            self.show(projector.state.applied, head, name)
            if behind > NEAR:
                continue
            near += 1
            # While reports come in it is never at the head for more than a moment.
            if self.leave_swap and (not behind or near > TRIES):
                return "filled"
            if not self.leave_swap:
                if await patiently(lambda: projector.show(others_stopped=self.others_stopped)):
                    return "built"
                await asyncio.sleep(LOOK)

    async def _shown_by_another(self, begun: Generation) -> bool:
        """Whether the one that fills it has shown it (and somebody another one since, perhaps);
        where that one has gone, the lease comes free."""
        for one in await generations(self.log.store, begun.name):
            if one.generation == begun.generation:
                self.show(one.applied or 0, (await self.log.head()).position, one.name)
                return one.state in ("current", "dropped")
        return False


async def patiently(change: Callable[[], Awaitable[T]]) -> T:
    """A change of the schema, tried again where readers or writers of the same moment kept it
    from happening. Raises Unavailable where they go on to."""
    for _ in range(TRIES - 1):
        try:
            return await change()
        except Unavailable:
            await asyncio.sleep(LOOK)
    return await change()


def _built(begun: Generation, done: Done) -> Built:
    return Built(name=begun.name, generation=begun.generation, done=done)
