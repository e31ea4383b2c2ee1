"""Embedded wiring: every service in one process, each reading the others' `published`."""

from collections.abc import Mapping

from shared.bus.embedded import EmbeddedSource
from shared.contracts.base import REGISTRY
from shared.runtime.engine import Engine
from shared.security.jwks import Keys, fetch_of
from shared.security.principal import Principal
from shared.security.tokens import TokenVerifier
from shared.web.auth import Verify


def sources_for(engine: Engine, engines: Mapping[str, Engine]) -> list[EmbeddedSource]:
    """Where a service's foreign topics are read, a source for each service that tells them."""
    tellers = {spec.topic: spec.service for spec in REGISTRY.values()}
    by_service: dict[str, list[str]] = {}
    for topic in engine.service.hears:
        by_service.setdefault(tellers[topic], []).append(topic)
    return [
        EmbeddedSource(engines[name].log, topics, engines[name].appended)
        for name, topics in by_service.items()
    ]


def verifier(engine: Engine) -> Verify:
    """Checks tokens for one service: its register tells what kind an organisation is."""
    settings = engine.settings
    tokens = TokenVerifier(
        Keys(fetch_of(settings.jwks())),
        issuer=settings.token_issuer,
        audience=settings.token_audience,
        clock=engine.clock,
        kind_of=lambda code, on: engine.reach.register.kind(code, on),
    )

    async def verify(token: str, organisation: str | None) -> Principal:
        return await tokens.principal(token, organisation)

    return verify
