"""Liveness, readiness and what a person wants to know of both (H13, H14)."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from fastapi import APIRouter, Response

from shared.kernel.errors import Unavailable
from shared.web.answers import answer
from shared.web.openness import ANYONE

LONGEST_CHECK = 2.0
"""Seconds after which a check counts as failed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What one check found; `detail` is a sentence, `figures` plain numbers such as a lag."""

    ok: bool
    detail: str = ""
    figures: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A check by name. Readiness needs only what no request can do without: the database."""

    name: str
    look: Callable[[], Awaitable[Checked]]
    needed: bool = False

    async def run(self) -> Checked:
        """What it finds in time; its error's text is not told."""
        looking = asyncio.ensure_future(self.look())
        # Not awaited once it is cancelled: a call to a silent server does not end by that.
        done, _ = await asyncio.wait((looking,), timeout=LONGEST_CHECK)
        if not done:
            looking.cancel()
            return Checked(ok=False, detail="No answer in time.")
        try:
            return looking.result()
        except Exception as error:  # whatever a check meets, status must still answer
            return Checked(ok=False, detail=f"{type(error).__name__} while looking.")


async def _started() -> bool:
    return True


def health_routes(
    service: str,
    version: str,
    checks: tuple[Check, ...],
    *,
    started: Callable[[], Awaitable[bool]] = _started,
    metrics: Callable[[], Awaitable[tuple[bytes, str]]] | None = None,
) -> APIRouter:
    """`/_ping`, `/_status`, `/livez`, `/readyz`, `/startupz` and, where `metrics` renders them
    (bytes and media type), `/metrics`."""
    router = APIRouter(dependencies=[ANYONE], include_in_schema=False)
    about = {"service": service, "version": version}
    _add_probes(router, checks, started)

    @router.get("/_ping")
    async def ping() -> Response:
        return answer({**about, "status": "ok"})

    @router.get("/_status")
    async def status() -> Response:
        found = await asyncio.gather(*(check.run() for check in checks))
        told = dict(zip((check.name for check in checks), found, strict=True))
        return answer({**about, "status": _overall(checks, told), "checks": told})

    if metrics is not None:

        @router.get("/metrics")
        async def read_metrics() -> Response:
            body, media = await metrics()
            return Response(body, media_type=media)

    return router


def _add_probes(
    router: APIRouter, checks: tuple[Check, ...], started: Callable[[], Awaitable[bool]]
) -> None:
    @router.get("/livez")
    async def livez() -> Response:
        return answer({"status": "ok"})

    @router.get("/readyz")
    async def readyz() -> Response:
        for check in checks:
            if check.needed and not (await check.run()).ok:
                raise Unavailable(f"Not ready: {check.name} cannot be reached.")
        return answer({"status": "ok"})

    @router.get("/startupz")
    async def startupz() -> Response:
        if not await started():
            raise Unavailable("Not started yet: schema or first connection is missing.")
        return answer({"status": "ok"})


def _overall(checks: tuple[Check, ...], told: Mapping[str, Checked]) -> str:
    failed = [check for check in checks if not told[check.name].ok]
    if any(check.needed for check in failed):
        return "unavailable"
    return "degraded" if failed else "ok"
