"""`token`: a development token for the server that runs on this machine."""

import asyncio
from datetime import timedelta

from shared.kernel.clock import SystemClock, london_day
from shared.kernel.errors import Misconfigured
from shared.runtime.existing import open_existing
from shared.runtime.reference import load_reference
from shared.runtime.service import Service
from shared.runtime.settings import Settings
from shared.security.dev_issuer import open_issuer
from shared.security.roles import ROLES


def token(
    service: Service, settings: Settings, organisation: str, role: str, person: str, hours: int
) -> str:
    """A signed token. Raises Misconfigured outside development, for an unknown role, a folder
    that is not there, and an organisation that the register of `service` does not hold today."""
    if role not in ROLES:
        raise Misconfigured(f"A role is one of {', '.join(ROLES)}.")
    if not settings.data_dir.is_dir():
        raise Misconfigured(
            f"There is no folder {settings.data_dir}: name that of what runs here with --data."
        )
    asyncio.run(_require_known(service, settings, organisation))
    issuer = open_issuer(
        settings.data_dir / "issuer",
        environment=settings.environment,
        issuer=settings.token_issuer,
        audience=settings.token_audience,
        clock=SystemClock(settings.offset),
    )
    return issuer.issue(organisation, role, person=person, lifetime=timedelta(hours=hours))


async def _require_known(service: Service, settings: Settings, organisation: str) -> None:
    log = open_existing(service, settings, reads_only=True)
    try:
        register = (await load_reference(log.store)).register
    finally:
        await log.close()
    today = london_day(SystemClock(settings.offset).now())
    if register.kind(organisation, today) is None:
        raise Misconfigured("No such organisation stands in the register today: name its ODS code.")
