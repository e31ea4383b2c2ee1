"""The metrics of one service in one process, set when they are asked."""

import asyncio
from collections import Counter as Counts
from collections.abc import Sequence
from datetime import UTC, datetime

from prometheus_client import Counter

from shared.kernel.clock import london_day
from shared.kernel.errors import OpenDoorError
from shared.log.base import Appended, Conflict, KeyUsed, Outcome
from shared.runtime.awaited import Clocks
from shared.runtime.engine import Engine
from shared.runtime.observing import Bus, Observed, Parked, no_bus, observe
from shared.runtime.standings import Standings
from shared.runtime.worker import Worker
from shared.telemetry.metrics import CONTENT_TYPE, Metrics
from shared.web.sse import Hub

PATIENCE = 2.0
"""Seconds after which the database counts as gone for this time."""


class Watch:
    """One service in this process: an API with its `hub`, a `worker` with its `standings`, or all
    of them. Gauges are set when the page is asked, never between; appends count as they happen."""

    def __init__(
        self,
        engine: Engine,
        metrics: Metrics,
        *,
        hub: Hub | None = None,
        worker: Worker | None = None,
        standings: Standings = tuple,
        bus: Bus = no_bus,
    ) -> None:
        self.metrics = metrics
        self._engine = engine
        self._hub = hub
        self._worker = worker
        self._standings = standings
        self._bus = bus
        self._counted = {name: Counts[str]() for name in ("reactions_refused", "records_passed")}
        engine.appender.on_committed(self._appended)

    async def page(self) -> tuple[bytes, str]:
        """The exposition text and its media type. With the database gone, what it alone knows is
        left out."""
        found = await self._look()
        self._show_readers(found)
        self._show_clocks(found.clocks if found else None)
        self._show_tasks()
        if self._hub is not None:
            self.metrics.gauge("streams_open").set(self._hub.open)
        if self._worker is not None:
            self._show_worker(self._worker)
        return self.metrics.render(), CONTENT_TYPE

    async def _look(self) -> Observed | None:
        engine = self._engine
        # Clocks are the worker's: shown by every process, they would be counted many times.
        today = london_day(engine.clock.now()) if self._worker is not None else None
        looking = asyncio.create_task(observe(engine.service, engine.log, self._bus, today))
        # Not awaited once it is cancelled: a call to a silent server does not end by that.
        done, _ = await asyncio.wait((looking,), timeout=PATIENCE)
        if not done:
            looking.cancel()
            return None
        try:
            return looking.result()
        except (OpenDoorError, OSError, TimeoutError):
            return None

    def _appended(self, seconds: float, outcomes: Sequence[Outcome]) -> None:
        self.metrics.histogram("append_seconds").observe(seconds)
        self.metrics.histogram("append_entries").observe(len(outcomes))
        for one in outcomes:
            self.metrics.counter("append_outcomes").labels(_name_of(one)).inc()

    def _show_readers(self, found: Observed | None) -> None:
        lag = self.metrics.gauge("reader_lag")
        lag.clear()
        self._show_parked(found.parked if found else None)
        if found is None:
            return
        self.metrics.gauge("log_position").set(found.position)
        for one in found.lags:
            lag.labels(one.reader, one.topic, str(one.partition)).set(one.behind)
        if self._worker is not None and self._engine.service.hears:
            name = self._engine.service.name
            heard = sum(one.reader == name for one in found.lags)
            self.metrics.gauge("partitions_read").labels(name).set(heard)

    def _show_parked(self, found: Sequence[Parked] | None) -> None:
        count = self.metrics.gauge("records_parked")
        oldest = self.metrics.gauge("parked_oldest_seconds")
        count.clear()
        oldest.clear()
        if found is None:
            return
        count.labels(self._engine.service.name).set(0)
        for letters in found:
            count.labels(letters.reader).set(letters.count)
            age = datetime.now(UTC) - letters.oldest
            oldest.labels(letters.reader).set(max(age.total_seconds(), 0.0))

    def _show_clocks(self, clocks: Clocks | None) -> None:
        due, breached = self.metrics.gauge("clocks_due"), self.metrics.gauge("clocks_breached")
        due.clear()
        breached.clear()
        if clocks is None:
            return
        for place, count in clocks.due.items():
            due.labels(*place).set(count)
        for rule in {*clocks.breached, *(rule for rule, _ in clocks.due)}:
            breached.labels(rule).set(clocks.breached.get(rule, 0))

    def _show_tasks(self) -> None:
        red, waiting = self.metrics.gauge("reader_red"), self.metrics.gauge("reader_waiting")
        red.clear()
        waiting.clear()
        for one in self._standings():
            red.labels(one.name).set(one.standing == "red")
            waiting.labels(one.name).set(one.standing == "waiting")

    def _show_worker(self, worker: Worker) -> None:
        self._count_up("reactions_refused", worker.reactor.refused)
        self._count_up("records_passed", worker.reactor.passed)
        stopped = self.metrics.gauge("series_stopped")
        stopped.clear()
        for one in worker.consumer.states.values():
            if one.standing == "red":
                stopped.labels(one.topic, str(one.partition), one.fault).set(1)

    def _count_up(self, name: str, now: Counts[str]) -> None:
        """A counter of the worker's own, carried over by what it grew since the last look."""
        counter: Counter = self.metrics.counter(name)
        for label, count in now.items():
            counter.labels(label).inc(count - self._counted[name][label])
            self._counted[name][label] = count


def _name_of(outcome: Outcome) -> str:
    if isinstance(outcome, Appended):
        return "already" if outcome.already else "appended"
    if isinstance(outcome, Conflict):
        return "conflict"
    return "key_used" if isinstance(outcome, KeyUsed) else "stale"
