"""`dead-letters`: what is parked, and a person's word on it; the owning worker carries it out."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

import orjson

from shared.bus.dead_letters import DeadLetters, Letter
from shared.kernel.errors import Invalid
from shared.runtime.ages import age
from shared.runtime.existing import on_existing
from shared.runtime.service import Service
from shared.runtime.settings import Settings

T = TypeVar("T")


def listed(service: Service, settings: Settings) -> list[dict[str, Any]]:
    """Each waiting record: where it is from, its state, error, attempts and since when."""

    async def work(letters: DeadLetters) -> list[dict[str, Any]]:
        return [told(one) for one in await letters.waiting()]

    return _with(service, settings, work, reads_only=True)


def shown(service: Service, settings: Settings, place: str) -> dict[str, Any]:
    """One waiting record whole, with what waits behind it. Raises NotFound."""

    async def work(letters: DeadLetters) -> dict[str, Any]:
        letter = await letters.found(place)
        return {
            **told(letter),
            "key": letter.key,
            "reason": letter.reason,
            "behind": await letters.behind(letter),
            "record": _readable(letter.raw),
        }

    return _with(service, settings, work, reads_only=True)


def retry(service: Service, settings: Settings, ids: Sequence[str]) -> str:
    """Asks for another try. Raises NotFound for a place where none waits; then none is tried."""
    _with(service, settings, lambda letters: letters.ask_all(ids, "retry_requested"))
    return f"{len(ids)} to be retried, in order, by {service.name}'s worker."


def skip(service: Service, settings: Settings, ids: Sequence[str], reason: str) -> str:
    """Asks to pass records by. Raises Invalid without a reason, NotFound as `retry` does."""
    if not reason.strip():
        raise Invalid("/reason", "missing", "Say why the record will never be taken: --reason.")
    _with(service, settings, lambda letters: letters.ask_all(ids, "skip_requested", reason=reason))
    return f"{len(ids)} to be passed by, by {service.name}'s worker."


def told(letter: Letter) -> dict[str, Any]:
    """A parked record as lists show it."""
    return {
        "id": letter.place,
        "reader": letter.reader,
        "topic": letter.topic,
        "partition": letter.partition,
        "n": letter.n,
        "state": letter.state,
        "error": letter.error,
        "attempts": letter.attempts,
        "since": letter.at.isoformat(),
        "age": age(datetime.now(UTC) - letter.at),
    }


def _readable(raw: bytes) -> Any:
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError:
        return raw.decode("utf-8", "backslashreplace")


def _with(
    service: Service,
    settings: Settings,
    work: Callable[[DeadLetters], Awaitable[T]],
    *,
    reads_only: bool = False,
) -> T:
    return on_existing(
        service, settings, lambda log: work(DeadLetters(log.store)), reads_only=reads_only
    )
