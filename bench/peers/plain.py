"""`python -m bench.peers.plain TOLD`: what a good engineer writes in a day to keep the promises.

One SQLAlchemy session adds the event, the outbox row and the request key, and commits. A repeat of
a key gets its first result; versions of a stream are unique; a relay of its kind would take outbox
rows that are not sent yet, so no lock keeps their order. Nothing is sealed, nothing is chained.
"""

import json
import sys
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any
from uuid import uuid4

import uvicorn
from fastapi import Depends, FastAPI, Header, HTTPException, Response
from joserfc import jwt
from joserfc.jwk import KeySet
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import JSON, DateTime, String, UniqueConstraint
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

ALGORITHMS = ["RS256", "PS256", "ES256", "Ed25519", "EdDSA"]
CONNECTIONS = 32


class Base(DeclarativeBase):
    """The tables."""


class Event(Base):
    __tablename__ = "events"
    __table_args__ = (UniqueConstraint("stream", "version"),)
    position: Mapped[int] = mapped_column(primary_key=True)
    stream: Mapped[str] = mapped_column(String(64))
    version: Mapped[int]
    type: Mapped[str] = mapped_column(String(64))
    data: Mapped[dict[str, Any]] = mapped_column(JSON)
    recorded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class Outbox(Base):
    __tablename__ = "outbox"
    id: Mapped[int] = mapped_column(primary_key=True)
    topic: Mapped[str] = mapped_column(String(64))
    key: Mapped[str] = mapped_column(String(64))
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    sent_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class RequestKey(Base):
    __tablename__ = "request_keys"
    client: Mapped[str] = mapped_column(String(64), primary_key=True)
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    stream: Mapped[str] = mapped_column(String(64))


class Patient(BaseModel):
    model_config = ConfigDict(extra="forbid")
    number: int
    age_bracket: str | None = None
    physical_harm: str | None = None
    psychological_harm: str | None = None


class Report(BaseModel):
    model_config = ConfigDict(extra="forbid")
    kind: str
    occurred: date
    what_happened: str = Field(max_length=10_000)
    immediate_action: str | None = None
    location: str | None = None
    service_area: str | None = None
    agents: list[str] = []
    patients: list[Patient] = []
    reporter: dict[str, str] = {}
    source: dict[str, str] = {}


class Reported(BaseModel):
    id: str
    version: int
    links: dict[str, str]


class Tokens:
    """Verifies a token once and believes it while it is known."""

    def __init__(self, jwks: str) -> None:
        self._keys = KeySet.import_key_set(json.loads(Path(jwks).read_text()))
        self._known: dict[str, str] = {}

    def client(self, header: str) -> str:
        token = header.removeprefix("Bearer ")
        if token not in self._known:
            try:
                claims = jwt.decode(token, self._keys, algorithms=ALGORITHMS).claims
            except Exception as error:  # whatever is wrong with it, it is not let in
                raise HTTPException(401) from error
            self._known[token] = str(claims["sub"])
        return self._known[token]


def application(url: str, jwks: str) -> FastAPI:
    """The application, its tables made at its start."""
    engine = create_async_engine(url, pool_size=CONNECTIONS, max_overflow=0)
    sessions = async_sessionmaker(engine, expire_on_commit=False)
    tokens = Tokens(jwks)

    @asynccontextmanager
    async def living(app: FastAPI) -> Any:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.create_all)
        yield
        await engine.dispose()

    async def client(authorization: Annotated[str, Header()]) -> str:
        return tokens.client(authorization)

    app = FastAPI(lifespan=living)

    @app.post("/intake/events", status_code=201)
    async def report(
        body: Report,
        response: Response,
        client: Annotated[str, Depends(client)],
        idempotency_key: Annotated[str, Header()],
    ) -> Reported:
        async with sessions() as session:
            stream = await _stored(session, body, client, idempotency_key)
        response.headers["Location"] = f"/intake/events/{stream}"
        return Reported(id=stream, version=1, links={"self": f"/intake/events/{stream}"})

    @app.get("/readyz")
    async def ready() -> dict[str, bool]:
        return {"ready": True}

    return app


async def _stored(session: AsyncSession, body: Report, client: str, key: str) -> str:
    stream = uuid4().hex
    data = body.model_dump(mode="json")
    told = {"incident": stream, "kind": body.kind, "day": body.occurred.isoformat()}
    session.add(
        Event(stream=stream, version=1, type="Reported", data=data, recorded_at=datetime.now(UTC))
    )
    session.add(Outbox(topic="opendoor.intake.v1", key=stream, payload=told))
    session.add(RequestKey(client=client, key=key, stream=stream))
    try:
        await session.commit()
    except IntegrityError:
        await session.rollback()
        earlier = await session.get(RequestKey, (client, key))
        if earlier is None:
            raise
        return earlier.stream
    return stream


if __name__ == "__main__":
    told = json.loads(sys.argv[1])
    uvicorn.run(
        application(told["url"], told["jwks"]),
        port=told["port"],
        log_level="warning",
        access_log=False,
    )
