"""`token`: a development token for the server that runs on this machine."""

from datetime import timedelta

from shared.kernel.clock import SystemClock
from shared.runtime.settings import Settings
from shared.security.dev_issuer import open_issuer


def token(settings: Settings, organisation: str, role: str, person: str, hours: int) -> str:
    """A signed token. Raises Misconfigured outside development and for an unknown role."""
    issuer = open_issuer(
        settings.data_dir / "issuer",
        environment=settings.environment,
        issuer=settings.token_issuer,
        audience=settings.token_audience,
        clock=SystemClock(settings.offset),
    )
    return issuer.issue(organisation, role, person=person, lifetime=timedelta(hours=hours))
