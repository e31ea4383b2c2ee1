"""Samples and their statistics: closed loops of clients, medians, percentiles by nearest rank."""

import asyncio
import math
import resource
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from threading import Thread


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What `clients` did in `seconds`: how much, how long one of it took (p50 and p99, seconds),
    and the CPU seconds of the process that drove it."""

    clients: int
    done: int
    seconds: float
    p50: float
    p99: float
    cpu: float

    @property
    def rate(self) -> float:
        """Done in a second."""
        return self.done / self.seconds if self.seconds else 0.0


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least this share of them does not exceed; 0 of none."""
    if not values:
        return 0.0
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def median(values: Sequence[float]) -> float:
    """The middle one, or the mean of the two in the middle. Raises ValueError of none."""
    if not values:
        raise ValueError("the median of nothing")
    ordered, middle = sorted(values), len(values) // 2
    if len(ordered) % 2:
        return ordered[middle]
    return (ordered[middle - 1] + ordered[middle]) / 2


def sample_of(clients: int, took: Sequence[float], seconds: float, cpu: float) -> Sample:
    """The sample whose single steps took so long (seconds)."""
    return Sample(
        clients=clients,
        done=len(took),
        seconds=seconds,
        p50=percentile(took, 0.5),
        p99=percentile(took, 0.99),
        cpu=cpu,
    )


async def closed_loop(step: Callable[[], Awaitable[object]], clients: int, lasts: float) -> Sample:
    """Each client begins anew as soon as it is answered; what was begun in time is counted, and
    one step at least."""
    took: list[float] = []
    now = time.perf_counter
    began, cpu = now(), cpu_seconds()
    end = began + lasts

    async def client() -> None:
        since = now()
        while not took or since < end:
            await step()
            took.append(now() - since)
            since = now()

    await asyncio.gather(*(client() for _ in range(clients)))
    return sample_of(clients, took, now() - began, cpu_seconds() - cpu)


def closed_loop_of_threads(step: Callable[[], object], clients: int, lasts: float) -> Sample:
    """The same for a library that blocks: a thread a client."""
    took: list[float] = []
    now = time.perf_counter
    began, cpu = now(), cpu_seconds()
    end = began + lasts

    def client() -> None:
        since = now()
        while not took or since < end:
            step()
            took.append(now() - since)
            since = now()

    threads = [Thread(target=client) for _ in range(clients)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    return sample_of(clients, took, now() - began, cpu_seconds() - cpu)


def cpu_seconds() -> float:
    """User and system time of this process so far."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
