"""One service opened in one process: its log, its keys, its way of a command, its projections."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy import Executable

from shared.kernel.clock import Clock, SystemClock
from shared.kernel.decider import Aggregate
from shared.kernel.errors import Misconfigured
from shared.kernel.ids import Ids, SecretIds
from shared.log.appender import Appender
from shared.log.base import Log, Recorded
from shared.log.codec import Codec
from shared.log.postgres import PostgresLog
from shared.log.postgres_check import refuse_unsafe
from shared.log.wakeup import Wakeup
from shared.log.waking import Signal
from shared.nhs.frameworks import FrameworkAdoption
from shared.nhs.organisations import Register
from shared.nhs.roles import require_complete
from shared.privacy.opening import open_vault
from shared.privacy.vault import Vault
from shared.projections.projector import Projector
from shared.runtime.drafting import Desk
from shared.runtime.existing import open_existing, require_newest
from shared.runtime.handle import Handle
from shared.runtime.heard import HEARD
from shared.runtime.reference import Reference, load_reference, version_of
from shared.runtime.service import Service
from shared.runtime.settings import Settings
from shared.runtime.signing import Signer
from shared.runtime.streams import Streams

S = TypeVar("S")

CLOSE_SECONDS = 2.0
"""How long closing waits for what is being appended."""


class EngineReach:
    """What a service's own code reaches in this process."""

    def __init__(
        self, streams: Streams, log: Log, clock: Clock, ids: Ids, reference: Reference
    ) -> None:
        self._streams = streams
        self._log = log
        self.clock = clock
        self.ids = ids
        self.reference = reference

    @property
    def register(self) -> Register:
        return self.reference.register

    @property
    def adoptions(self) -> Sequence[FrameworkAdoption]:
        return self.reference.adoptions

    async def load(self, aggregate: Aggregate[S], id_: str) -> tuple[S, int]:
        folded = await self._streams.load(aggregate, id_)
        return folded.state, folded.version

    async def story(self, aggregate: Aggregate[Any], id_: str) -> Sequence[tuple[Any, Recorded]]:
        return await self._streams.story(aggregate, id_)

    async def read(self, statement: Executable) -> Sequence[Any]:
        return await self._log.store.read(statement)

    async def refresh(self) -> None:
        """Loads the reference data anew if an import has changed it."""
        if await version_of(self._log.store) != self.reference.version:
            self.reference = await load_reference(self._log.store)


@dataclass(slots=True, kw_only=True)
class Engine:
    """Everything that one service needs to run in this process; `close` lets go of it all.

    `appended` is set after each commit here; `projectors` follow the log when a worker runs them.
    """

    service: Service
    settings: Settings
    clock: Clock
    ids: Ids
    log: Log
    vault: Vault
    appender: Appender
    codec: Codec
    streams: Streams
    reach: EngineReach
    desk: Desk
    handle: Handle
    signer: Signer
    projectors: tuple[Projector, ...]
    appended: Signal = field(default_factory=Signal)
    wakeup: Wakeup | None = None

    async def close(self) -> None:
        """Finishes what is being appended, then closes the key store and the database; within
        some seconds, also where these do not answer."""
        await self.appender.stop(CLOSE_SECONDS)
        if self.wakeup is not None:
            await self.wakeup.stop()
        await asyncio.gather(self.vault.close(), self.log.close())


async def open_engine(
    service: Service,
    settings: Settings,
    clock: Clock | None = None,
    ids: Ids | None = None,
    *,
    synced: bool = True,
    named_by: str = "--data",
) -> Engine:
    """Opens a service whose database is migrated. Raises Misconfigured, Unavailable.

    Without `synced` an SQLite file may lose commits in a power cut: for a stage, whose files are
    made anew unless the story on it came to its end.
    """
    require_complete()
    secret = settings.secret()
    clock = clock or SystemClock(settings.offset)
    ids = ids or SecretIds(secret)
    async with AsyncExitStack() as opened:
        log = await _checked_log(service, settings, clock, synced=synced, named_by=named_by)
        opened.push_async_callback(log.close)
        vault = await open_vault(
            settings.keys_for(service.name),
            service.name,
            secret,
            clock,
            durable=not settings.development,
            statement_cache=settings.statement_cache,
        )
        opened.push_async_callback(vault.close)
        await _require_its_keys(service, log, vault)
        signer = Signer(service.name, vault.signing, ids)
        await signer.prepare()
        codec = Codec((*service.aggregates, HEARD))
        reference = await load_reference(log.store)
        opened.pop_all()
    streams = Streams(log, codec, vault, service.erases)
    reach = EngineReach(streams, log, clock, ids, reference)
    desk = Desk(service=service, streams=streams, reach=reach, clock=clock, ids=ids)
    appender = Appender(log)
    engine = Engine(
        service=service,
        settings=settings,
        clock=clock,
        ids=ids,
        log=log,
        vault=vault,
        appender=appender,
        codec=codec,
        streams=streams,
        reach=reach,
        desk=desk,
        handle=Handle(desk, log, appender, signer),
        signer=signer,
        projectors=tuple(Projector(one, log, codec.decode_known) for one in service.projections),
    )
    appender.on_appended(engine.appended.set)
    _wake_others(engine)
    return engine


def _wake_others(engine: Engine) -> None:
    """On PostgreSQL other processes follow the same log: a hint each way, beside their polling."""
    if isinstance(engine.log, PostgresLog):
        url = engine.settings.database_for(engine.service.name)
        engine.wakeup = Wakeup(url, engine.appended.set)
        engine.appender.on_appended(engine.wakeup.tell)
        engine.wakeup.start()


async def _checked_log(
    service: Service, settings: Settings, clock: Clock, *, synced: bool, named_by: str
) -> Log:
    log = open_existing(service, settings, clock, synced=synced, named_by=named_by)
    try:
        if isinstance(log, PostgresLog):
            refuse_unsafe(await log.settings(), durable=not settings.development)
        await require_newest(service, log)
    except BaseException:
        await log.close()
        raise
    return log


async def _require_its_keys(service: Service, log: Log, vault: Vault) -> None:
    """Every start leaves a signing key in the key store: an empty one beside a log with events is
    another store, and to go on with it would only hide that nothing can be read."""
    position = (await log.head()).position
    if position and not await vault.holds_keys():
        raise Misconfigured(
            f"The log of {service.name} holds {position} events and its key store holds no key: "
            "restore the key store, or name the right one in OPENDOOR_KEYS_URL."
        )


async def settle_projections(engine: Engine) -> bool:
    """Projects until nothing is left; whether anything moved. For tests, stories and tools."""
    moved = await asyncio.gather(*(_settle(one) for one in engine.projectors))
    return any(moved)


async def _settle(projector: Projector) -> bool:
    moved = False
    while await projector.step():
        moved = True
    return moved
