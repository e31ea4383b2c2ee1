"""`dead-letters`: what is parked, and a person's word on it; the owning worker carries it out."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

from shared.bus.dead_letters import DeadLetters
from shared.kernel.errors import Invalid
from shared.runtime.existing import open_existing, require_known
from shared.runtime.service import Service
from shared.runtime.settings import Settings

T = TypeVar("T")


def listed(service: Service, settings: Settings) -> list[dict[str, Any]]:
    """Each waiting record: where it is from, its state, error, attempts and since when."""

    async def work(letters: DeadLetters) -> list[dict[str, Any]]:
        return [
            {
                "id": one.place,
                "reader": one.reader,
                "topic": one.topic,
                "partition": one.partition,
                "n": one.n,
                "state": one.state,
                "error": one.error,
                "attempts": one.attempts,
                "since": one.at.isoformat(),
            }
            for one in await letters.waiting()
        ]

    return _with(service, settings, work, reads_only=True)


def retry(service: Service, settings: Settings, ids: Sequence[str]) -> str:
    """Asks for another try. Raises NotFound for a place where none waits."""
    _with(service, settings, lambda letters: _ask(letters, ids, "retry_requested", None))
    return f"{len(ids)} to be retried, in order, by {service.name}'s worker."


def skip(service: Service, settings: Settings, ids: Sequence[str], reason: str) -> str:
    """Asks to pass records by. Raises Invalid without a reason, NotFound."""
    if not reason.strip():
        raise Invalid("/reason", "missing", "Say why the record will never be taken: --reason.")
    _with(service, settings, lambda letters: _ask(letters, ids, "skip_requested", reason))
    return f"{len(ids)} to be passed by, by {service.name}'s worker."


async def _ask(letters: DeadLetters, ids: Sequence[str], state: str, reason: str | None) -> None:
    for place in ids:
        await letters.ask(place, state, reason=reason)


def _with(
    service: Service,
    settings: Settings,
    work: Callable[[DeadLetters], Awaitable[T]],
    *,
    reads_only: bool = False,
) -> T:
    async def run() -> T:
        log = open_existing(service, settings, reads_only=reads_only)
        try:
            await require_known(service, log)
            return await work(DeadLetters(log.store))
        finally:
            await log.close()

    return asyncio.run(run())
