"""A worker on Kafka: its sources and relays, and what they say of the bus."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress

from shared.bus import standing
from shared.bus.kafka import KafkaSource
from shared.bus.relay import Relay
from shared.log.base import Log
from shared.runtime.engine import Engine
from shared.runtime.observing import Lag
from shared.runtime.supervise import TaskState
from shared.runtime.worker import Worker
from shared.web.health import Check, Checked

REPORT_SECONDS = 2.0


class KafkaBus:
    """Everything of one worker that needs Kafka."""

    def __init__(self, engine: Engine, name: str) -> None:
        settings, service, tls = engine.settings, engine.service, engine.settings.kafka_tls()
        self.source = KafkaSource(
            settings.bootstrap,
            service.hears,
            group=f"{settings.topic_prefix}open-door-{service.name}",
            prefix=settings.topic_prefix,
            tls=tls,
        )
        self.relays = [
            Relay(
                engine.log,
                topic,
                settings.bootstrap,
                settings.topic_prefix,
                name,
                told=engine.appended,
                tls=tls,
            )
            for topic in service.topics
        ]
        self._engine = engine
        self._name = name

    def add_to(self, worker: Worker) -> None:
        """Begins the relays, and the reports for the service's API."""
        for relay in self.relays:
            worker.also(f"relay:{relay.state.topic}", relay.run)
        worker.also("bus-report", self._report)

    async def _report(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            await standing.report(self._engine.log.store, self._name, self.faults())
            with suppress(TimeoutError):
                async with asyncio.timeout(REPORT_SECONDS):
                    await stop.wait()

    def faults(self) -> Sequence[str]:
        """What is wrong, a sentence each."""
        said = [
            f"Relay of {one.state.topic}: {one.state.why}"
            for one in self.relays
            if one.state.standing in ("waiting", "red")
        ]
        if self.source.topics and not self.source.state.shared_out:
            said.append(self.source.state.why)
        return said

    def standings(self) -> Sequence[TaskState]:
        """How each relay stands; one that stands by runs."""
        return [
            TaskState(
                f"relay:{one.state.topic}",
                "running" if one.state.standing == "standby" else one.state.standing,
                one.state.why,
            )
            for one in self.relays
        ]

    async def lags(self) -> Sequence[Lag]:
        """The partitions that this process reads, while Kafka answers, and those that its relays
        carry: where Kafka is gone the relay's lag still grows."""
        source = self.source.state
        found = [
            Lag(reader=self._engine.service.name, topic=topic, partition=number, behind=behind)
            for (topic, number), behind in source.lag.items()
            if source.reachable
        ]
        for relay in self.relays:
            reached, topic = relay.state.reached, relay.state.topic
            if reached is not None:
                heads = await self._engine.log.published_heads(topic)
                found += [
                    Lag(
                        reader="relay",
                        topic=topic,
                        partition=number,
                        behind=max(head - reached.get(number, 0), 0),
                    )
                    for number, head in heads.items()
                ]
        return found

    def check(self) -> Check:
        """The bus as this worker sees it, with what lies ahead of relays and readers."""

        async def look() -> Checked:
            faults = self.faults()
            relays = {
                one.state.topic: {
                    "standing": one.state.standing,
                    "sent": one.state.sent,
                    "lag": {str(number): lag for number, lag in one.state.lag.items()},
                }
                for one in self.relays
            }
            lags = self.source.state.lag.items()
            readers = {f"{topic}/{number}": lag for (topic, number), lag in lags}
            return Checked(
                ok=not faults, detail=" ".join(faults), figures={"relays": relays, "ahead": readers}
            )

        return Check(name="bus", look=look)


def bus_check(log: Log) -> Check:
    """The bus as this service's workers last said it stands."""

    async def look() -> Checked:
        fault = await standing.reported(log.store)
        return Checked(ok=fault is None, detail=fault or "")

    return Check(name="bus", look=look)
