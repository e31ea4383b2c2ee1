"""Learning alone, whole, in a scratch folder: what it hears is told by hand, what it answers is
asked over HTTP, and the clock stands until it is set."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from services.learning.service import service
from shared.bus.base import Record
from shared.contracts.base import spec_of
from shared.contracts.envelope import CloudEvent, Tell, instant, seal_envelope
from shared.kernel.clock import SettableClock
from shared.kernel.errors import NotAuthenticated
from shared.kernel.ids import CountedIds
from shared.log.base import Appended, Entry
from shared.log.opening import open_log
from shared.nhs import synthetic
from shared.runtime.app import host_app, service_app
from shared.runtime.engine import Engine, open_engine, settle_projections
from shared.runtime.migrations import upgrade
from shared.runtime.reacting import Reactor
from shared.runtime.reference import import_organisations
from shared.runtime.settings import Settings
from shared.security.principal import Principal
from shared.web.sse import Hub, Pace
from tests.learning.builders import NOW

NATIONAL = synthetic.national(1)
TRUST = synthetic.trust(7)
OTHER_TRUST = synthetic.trust(8)
COMMISSIONER = synthetic.icb(1)

WHO = {
    "author": (NATIONAL, "national", {"author"}, "ann-author"),
    "reviewer": (NATIONAL, "national", {"reviewer"}, "rev-reviewer"),
    "both": (NATIONAL, "national", {"author", "reviewer"}, "ann-author"),
    "other_author": (synthetic.national(2), "national", {"author"}, "else-author"),
    "trust_author": (TRUST, "trust", {"author"}, "trust-author"),
    "other_trust_author": (OTHER_TRUST, "trust", {"author"}, "other-author"),
    "commissioner_author": (COMMISSIONER, "commissioner", {"author"}, "board-author"),
    "national": (NATIONAL, "national", {"national"}, "analyst"),
    "trust": (TRUST, "trust", {"trust"}, "lead"),
    "other_trust": (OTHER_TRUST, "trust", {"trust"}, "lead"),
    "commissioner": (COMMISSIONER, "commissioner", {"commissioner"}, "manager"),
}
"""Organisation, kind, roles and person of each token; the token is the name."""


async def verify(token: str, organisation: str | None = None) -> Principal:
    """The principal of a name in WHO."""
    if token not in WHO:
        raise NotAuthenticated("token-malformed", "No such token in this test.")
    code, kind, roles, person = WHO[token]
    return Principal(
        client=f"client-of-{code}",
        person=person,
        organisation=code,
        organisations=(code,),
        kind=kind,
        roles=frozenset(roles),
        scopes=frozenset({"learning/read", "learning/write"}),
        expires_at=NOW + timedelta(days=3650),
    )


@dataclass(slots=True, kw_only=True)
class World:
    """What a test holds on to."""

    engine: Engine
    clock: SettableClock
    http: httpx.AsyncClient
    reactor: Reactor
    keys: int = 0
    series: dict[str, int] = field(default_factory=dict)

    async def hear(self, contract: object, stream: str, at: datetime | None = None) -> None:
        """Tells a foreign contract, as the bus would, and lets everything settle."""
        n = self.series[stream] = self.series.get(stream, 0) + 1
        event = _told(contract, stream, n, at or self.clock.now())
        record = Record(topic=spec_of(type(contract)).topic, partition=0, n=n, event=event, raw=b"")
        effect = await self.reactor.effect([record])
        entry = Entry(events=effect.events, contracts=effect.contracts)
        assert isinstance(await self.engine.appender.append(entry), Appended)
        await self.settle()

    async def settle(self) -> None:
        await settle_projections(self.engine)

    async def get(self, path: str, who: str | None = None, **query: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {who}"} if who else {}
        return await self.http.get(prefixed(path), headers=headers, params=query or None)

    async def ask(
        self, who: str, method: str, path: str, body: Any = None, **headers: str
    ) -> httpx.Response:
        """A command under a fresh key; the projections have settled when it answers."""
        self.keys += 1
        sent = {
            "Authorization": f"Bearer {who}",
            "Idempotency-Key": f'"key-{self.keys}"',
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        answer = await self.http.request(method, prefixed(path), headers=sent, json=body or {})
        await self.settle()
        return answer

    async def done(self, who: str, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """As `ask`, of what must succeed: the answer's body."""
        answer = await self.ask(who, method, path, body, **headers)
        assert answer.status_code < 300, answer.text
        return answer.json()


def prefixed(path: str) -> str:
    """The path as the host mounts it; a link is prefixed already."""
    return path if path.startswith("/learning/") else f"/learning{path}"


def _told(contract: object, stream: str, n: int, at: datetime) -> CloudEvent:
    envelope = seal_envelope(
        Tell(contract=contract, time=instant(at), subject=stream.partition("-")[2]),
        stream=stream,
        version=n,
        correlation="story",
        causation="",
        traceparent="",
    )
    return CloudEvent(
        attributes={
            "specversion": "1.0",
            "id": envelope.id,
            "type": envelope.type,
            "source": spec_of(type(contract)).source,
            "subject": envelope.subject,
            "time": envelope.time,
            "partitionkey": envelope.key,
            "correlationid": "story",
            "sequence": f"{n:020d}",
        },
        data=envelope.data,
    )


@asynccontextmanager
async def living_world(folder: Path, database_url: str = "") -> AsyncIterator[World]:
    """Migrated, opened, closed; on SQLite in the folder unless a database is named."""
    settings = Settings(environment="development", data_dir=folder, database_url=database_url)
    clock = SettableClock(NOW)
    log = open_log(settings.database_for(service.name), clock)
    await log.store.write(lambda connection: upgrade(connection, service.migrations))
    await import_organisations(log.store, synthetic.register())
    await log.close()
    engine = await open_engine(service, settings, clock, CountedIds(settings.secret()))
    hub = Hub(engine.appended, Pace(longest_life=0.2))
    app = service_app(engine, verify, hub)
    transport = httpx.ASGITransport(app=host_app([(service.name, app)]))
    try:
        async with httpx.AsyncClient(transport=transport, base_url="http://open-door") as http:
            yield World(engine=engine, clock=clock, http=http, reactor=Reactor(engine.desk))
    finally:
        await engine.close()
