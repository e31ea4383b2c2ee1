"""Letting go of Kafka's clients in bounded time, with everything that they had begun."""

import asyncio
from collections.abc import Awaitable, Callable
from itertools import chain
from typing import Any

import structlog
from aiokafka.errors import KafkaError

LAST_WORD = 2.0
"""Seconds that a client gets to close, and again to have what is left of it cut off."""

log = structlog.get_logger("bus")

Step = Callable[[], Awaitable[object]]


async def leave(consumer: Any) -> None:
    """Stops a consumer. Its `stop` waits for ever while every broker is down, and for other
    members while its group is shared out anew; cut short, it would go on heart-beating."""
    if await _within(LAST_WORD, consumer.stop):
        return
    log.warning("client_not_closed")
    coordinator: Any = consumer._coordinator
    steps: list[Step] = [consumer._client.close]
    if consumer._fetcher is not None:
        steps.insert(0, consumer._fetcher.close)
    if hasattr(coordinator, "_stop_heartbeat_task"):  # a consumer without a group has none
        steps[:0] = [
            coordinator._stop_heartbeat_task,
            coordinator._stop_commit_offsets_refresh_task,
            coordinator._maybe_leave_group,
        ]
    for step in steps:
        await _within(LAST_WORD / len(steps), step)


async def discard(producer: Any) -> None:
    """Closes a producer without sending what still waits: `stop` alone would send it first."""
    await _within(LAST_WORD / 2, producer._sender.close)
    waiting = producer._message_accumulator
    # A batch that waits for another try is not among the pending, and aiokafka's own callback
    # stumbles over that when the batch ends.
    waiting._pending_batches.update(chain.from_iterable(waiting._batches.values()))
    for batch in waiting._pending_batches:
        batch.future.cancel()
    if not await _within(LAST_WORD, producer.stop):
        log.warning("client_not_closed")
        await _within(LAST_WORD, producer.client.close)


async def close(admin: Any) -> None:
    """Closes an admin client."""
    if not await _within(LAST_WORD, admin.close):
        log.warning("client_not_closed")


async def _within(seconds: float, step: Step) -> bool:
    try:
        async with asyncio.timeout(seconds):
            await step()
    except (KafkaError, TimeoutError):
        return False
    except asyncio.CancelledError:
        # aiokafka passes on that it cancelled a task of its own that had not begun yet.
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            raise
        return False
    return True
