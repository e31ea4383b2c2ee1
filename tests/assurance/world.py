"""Assurance alone, whole, on SQLite in a scratch folder: what it hears is told by hand, what it
answers is asked over HTTP, and the clock stands until it is set."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from services.assurance.commands import commands_of
from services.assurance.service import service
from shared.bus.base import Record
from shared.contracts import intake
from shared.contracts.base import spec_of
from shared.contracts.envelope import CloudEvent, Tell, instant, seal_envelope
from shared.kernel.clock import Clock, SettableClock
from shared.kernel.errors import NotAuthenticated
from shared.kernel.ids import CountedIds
from shared.log.base import Appended, Entry
from shared.log.opening import open_log
from shared.nhs import synthetic
from shared.nhs.relations import Relation, Succession
from shared.runtime.app import host_app, service_app
from shared.runtime.engine import Engine, open_engine, settle_projections
from shared.runtime.migrations import upgrade
from shared.runtime.reacting import Reactor
from shared.runtime.reference import import_organisations
from shared.runtime.settings import Settings
from shared.runtime.worker import carry_out, run_timer
from shared.security.principal import Principal
from shared.web.auth import Verify
from shared.web.sse import Hub, Pace

NOW = datetime(2018, 12, 19, 10, tzinfo=UTC)
TRUST, OTHER_TRUST = synthetic.trust(7), synthetic.trust(8)
LEAD, OTHER_LEAD, ICB = synthetic.ccg(1), synthetic.ccg(2), synthetic.icb(1)
REGION, NATIONAL = synthetic.region(1), synthetic.national(1)

WHO = {
    "trust": (TRUST, "trust", {"trust"}, "safety-lead"),
    "other_trust": (OTHER_TRUST, "trust", {"trust"}, "safety-lead"),
    "lead": (LEAD, "commissioner", {"commissioner"}, "quality-manager"),
    "other": (OTHER_LEAD, "commissioner", {"commissioner"}, "quality-manager"),
    "icb": (ICB, "commissioner", {"commissioner"}, "quality-manager"),
    "region": (REGION, "region", {"region"}, "officer"),
    "national": (NATIONAL, "national", {"national"}, "analyst"),
    "author": (NATIONAL, "national", {"author"}, "author"),
    "operator": (NATIONAL, "national", {"operator"}, "operator"),
}
"""Organisation, kind, roles and person of each token; the token is the name."""

LEADS = Relation(provider=TRUST, commissioner=LEAD, role="lead", from_=date(2013, 4, 1))
SUCCEEDS = Succession(from_=LEAD, to=ICB, on=date(2022, 7, 1))


def verifier(clock: Clock) -> Verify:
    """Gives the principal of a name in WHO; its token ends by the clock, as real ones do."""

    async def verify(token: str, organisation: str | None = None) -> Principal:
        if token not in WHO:
            raise NotAuthenticated("token-malformed", "No such token in this test.")
        code, kind, roles, person = WHO[token]
        return Principal(
            client=f"client-of-{code}-{token}",
            person=person,
            organisation=code,
            organisations=(code,),
            kind=kind,
            roles=frozenset(roles),
            scopes=frozenset({"assurance/read", "assurance/write"}),
            expires_at=clock.now() + timedelta(days=1),
        )

    return verify


@dataclass(slots=True, kw_only=True)
class World:
    """What a test holds on to."""

    engine: Engine
    clock: SettableClock
    http: httpx.AsyncClient
    reactor: Reactor
    keys: int = 0
    series: dict[str, int] = field(default_factory=dict)

    async def hear(self, contract: Any) -> None:
        """Tells a contract of intake, as the bus would, and lets everything settle."""
        stream = f"incident-{contract.incident}"
        n = self.series[stream] = self.series.get(stream, 0) + 1
        event = _told(contract, stream, n, self.clock.now())
        record = Record(topic=spec_of(type(contract)).topic, partition=0, n=n, event=event, raw=b"")
        effect = await self.reactor.effect([record])
        if effect.events:
            entry = Entry(events=effect.events, contracts=effect.contracts)
            assert isinstance(await self.engine.appender.append(entry), Appended)
        await self.settle()

    async def tick(self, day: date) -> int:
        """The clock goes on to ten o'clock of a day, and every timer looks once."""
        self.clock.set(datetime(day.year, day.month, day.day, 10, tzinfo=UTC))
        done = 0
        for timer in service.timers:
            done += await run_timer(self.engine, timer)
        await self.settle()
        return done

    async def settle(self) -> None:
        await settle_projections(self.engine)

    async def get(self, path: str, who: str | None = None, **query: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {who}"} if who else {}
        return await self.http.get(prefixed(path), headers=headers, params=query or None)

    async def read(self, path: str, who: str | None = None, **query: Any) -> Any:
        """As `get`, of what must be there: the answer's body."""
        answer = await self.get(path, who, **query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def ask(self, who: str, path: str, body: Any = None) -> httpx.Response:
        """A command under a fresh key; the projections have settled when it answers."""
        self.keys += 1
        sent = {"Authorization": f"Bearer {who}", "Idempotency-Key": f'"key-{self.keys}"'}
        answer = await self.http.post(prefixed(path), headers=sent, json=body or {})
        await self.settle()
        return answer

    async def done(self, who: str, path: str, body: Any = None) -> Any:
        """As `ask`, of what must succeed: the answer's body."""
        answer = await self.ask(who, path, body)
        assert answer.status_code < 300, answer.text
        return answer.json()


def prefixed(path: str) -> str:
    """The path as the host mounts it; a link is prefixed already."""
    return path if path.startswith("/assurance/") else f"/assurance{path}"


def about(incident: str = "c1", trust: str = TRUST, **changed: Any) -> dict[str, Any]:
    """What every contract of intake says of an incident."""
    told = {
        "incident": incident,
        "kind": "incident",
        "reported_by": trust,
        "occurred_at": trust,
        "leads": trust,
        "service_area": "acute",
        "day": "2018-12-18",
        "day_precision": "day",
        "identified_on": "2018-12-19",
        "worst_harm": "severe",
        "framework": "SIF2015",
    }
    return {**told, **changed}


def declared(incident: str = "c1", **changed: Any) -> intake.SeriousIncidentDeclaredV1:
    return intake.SeriousIncidentDeclaredV1(
        **about(incident, **changed),
        serious_identified_on="2018-12-19",
        declared_on="2018-12-19",
        category="treatment",
        level=2,
    )


def classified(incident: str = "c1", **changed: Any) -> intake.ClassificationDecidedV1:
    return intake.ClassificationDecidedV1(
        **about(incident, **changed),
        authority="trust",
        outcome="meets",
        type="15",
        list="2018-02-01",
        effective_at="2018-12-19T09:00:00Z",
    )


def submitted(n: int = 1, incident: str = "c1", **changed: Any) -> intake.InvestigationSubmittedV1:
    content: dict[str, Any] = {
        "submitted_on": "2019-03-15",
        "factors": ["equipment"],
        "root_causes": 1,
        "findings": 0,
        "lessons": 1,
        "actions": [
            {
                "number": 1,
                "strength": "strong",
                "owner_role": "medical_director",
                "due": "2019-06-01",
            }
        ],
        **changed,
    }
    return intake.InvestigationSubmittedV1(**about(incident), n=n, level=2, **content)


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
    """Migrated, opened, with one lead and one succession, closed; on SQLite in `folder` unless
    another database is named."""
    settings = Settings(environment="development", data_dir=folder, database_url=database_url)
    clock = SettableClock(NOW)
    log = open_log(settings.database_for(service.name), clock)
    await log.store.write(lambda connection: upgrade(connection, service.migrations))
    await import_organisations(log.store, synthetic.register())
    await log.close()
    engine = await open_engine(service, settings, clock, CountedIds(settings.secret()))
    hub = Hub(engine.appended, Pace(longest_life=0.2))
    app = service_app(engine, verifier(clock), hub)
    transport = httpx.ASGITransport(app=host_app([(service.name, app)]))
    try:
        for to in commands_of((LEADS,), (SUCCEEDS,)):
            assert await carry_out(engine, to)
        await settle_projections(engine)
        async with httpx.AsyncClient(transport=transport, base_url="http://open-door") as http:
            yield World(engine=engine, clock=clock, http=http, reactor=Reactor(engine.desk))
    finally:
        await engine.close()
