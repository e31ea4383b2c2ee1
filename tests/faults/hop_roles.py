"""The processes of a hop: the product's own relay, its consumer, or both ends embedded."""

import asyncio
import itertools
import random
import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from aiokafka.errors import RequestTimedOutError

from shared.bus import kafka, relay
from shared.bus.base import Partition
from shared.bus.consumer import Consumer
from shared.bus.embedded import EmbeddedSource
from shared.bus.kafka import KafkaSource
from shared.bus.relay import Relay
from shared.bus.tasks import together
from shared.log import postgres_store
from shared.log.appender import Appender
from shared.log.waking import Signal
from shared.runtime.supervise import Supervisor
from shared.telemetry.logs import configure_logs
from tests.faults.history import Recorder
from tests.faults.hop_effects import Effects
from tests.faults.hop_load import KEYS, PAUSE, Load
from tests.faults.hop_setting import READER, TOPIC, Setting, opened
from tests.faults.steps import Stepped, SteppedLog, Steps, obey

GRACE = 3.0
"""As a worker has; its module would take a second to import."""

Run = Callable[[asyncio.Event], Awaitable[None]]
Orders = dict[str, Callable[..., None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What one process is; `orders` come to it all the while. No two have the same number."""

    role: str
    name: str
    setting: Setting
    orders: Connection
    number: int = field(default_factory=itertools.count(1).__next__)

    @property
    def path(self) -> Path:
        """Its part of the history."""
        return self._file("calls")

    @property
    def note(self) -> Path:
        """What it did to itself."""
        return self._file("steps")

    @property
    def sign(self) -> Path:
        """Says that it is at work."""
        return self._file("began")

    @property
    def log(self) -> Path:
        return self._file("log")

    def _file(self, kind: str) -> Path:
        return Path(self.setting.folder) / f"{self.name.replace('/', '-')}-{self.number}.{kind}"


class Failing:
    """A producer one of whose sends fails: `lost` before it leaves, `unheard` once Kafka has it;
    `pretended`, a planted fault, passes for sent."""

    left = 0
    way = ""

    def __init__(self, real: Any, steps: Steps) -> None:
        self._real = real
        self._steps = steps

    @classmethod
    def fail(cls, way: str, after: int) -> None:
        """The send so many from now fails."""
        cls.left, cls.way = after, way

    async def send_batch(self, *told: Any, **more: Any) -> asyncio.Future[Any]:
        self._steps.passes("send begins")
        fails, Failing.left = Failing.left == 1, max(Failing.left - 1, 0)
        if fails and Failing.way == "lost":
            raise RequestTimedOutError
        if fails and Failing.way == "pretended":
            return asyncio.ensure_future(asyncio.sleep(0))
        sent = await self._real.send_batch(*told, **more)
        self._steps.passes("send ended")
        return asyncio.ensure_future(self._heard(sent, fails))

    async def _heard(self, sent: asyncio.Future[Any], fails: bool) -> Any:
        answer = await sent
        self._steps.passes("acknowledged")
        if fails:
            raise RequestTimedOutError
        return answer

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


def relaying(job: Job, steps: Steps) -> tuple[Run, Orders]:
    setting = job.setting
    relay.PATIENCE = setting.patience
    # Small batches: a fault finds more than one of them on its way.
    relay.BATCH_BYTES = 8_000
    one = Relay(
        SteppedLog(opened(setting.telling), steps),
        TOPIC,
        setting.bootstrap,
        setting.prefix,
        job.name.partition("/")[0],
        lease=timedelta(seconds=setting.lease),
    )
    made = one._producer
    one._producer = lambda: Failing(made(), steps)  # type: ignore[method-assign]  # a fault's place
    return one.run, {"fail": Failing.fail}


def consuming(job: Job, steps: Steps) -> tuple[Run, Orders]:
    setting = job.setting
    kafka.SESSION_MS = setting.session
    log = SteppedLog(opened(setting.hearing), steps)
    effects = Stepped(Effects(log), steps)
    consumer = Consumer(READER, effects.decide, log, Appender(log), red_pause=1.0)
    source = KafkaSource(setting.bootstrap, (TOPIC,), group=setting.group, prefix=setting.prefix)

    async def serve(partition: Partition, stop: asyncio.Event) -> None:
        await consumer.serve(Stepped(partition, steps), stop)

    async def run(stop: asyncio.Event) -> None:
        await source.run(serve, stop)

    return run, {}


def both(job: Job, steps: Steps) -> tuple[Run, Orders]:
    """Tells and hears in one process, as embedded; `rest` ends the telling."""
    telling, hearing = (
        SteppedLog(opened(one), steps) for one in (job.setting.telling, job.setting.hearing)
    )
    told, resting = Signal(), asyncio.Event()
    deciding = Effects(hearing)
    effects = Stepped(deciding, steps)
    consumer = Consumer(READER, effects.decide, hearing, Appender(hearing))
    keys = [f"{job.name}-{job.number}-{key}" for key in range(KEYS)]
    load = Load(telling, random.Random(job.name), keys)
    recorder = Recorder(job.path)

    async def tell() -> None:
        while not resting.is_set():
            await load.tells()
            told.set()
            recorder.write(*load.calls)
            load.calls.clear()
            await asyncio.sleep(PAUSE)

    async def run(stop: asyncio.Event) -> None:
        source = EmbeddedSource(telling, (TOPIC,), told)
        await together(source.run(consumer.serve, stop), tell())

    return run, {"rest": resting.set, "double": deciding.double}


ROLES = {"relay": relaying, "consumer": consuming, "both": both}


def work(job: Job) -> None:
    """Works until SIGTERM, as a worker does: within its grace time, with status 0."""
    with job.log.open("a") as log:
        configure_logs(service="all", process="worker", stream=log)
        asyncio.run(_work(job))


async def _work(job: Job) -> None:
    steps = Steps(job.note)
    postgres_store.IDLE = f"{job.setting.patience:g}s"
    run, orders = ROLES[job.role](job, steps)
    obey(job.orders, {"arm": steps.arm, **orders})
    supervisor = Supervisor()
    over = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, over.set)
    supervisor.start(job.role, lambda: run(supervisor.stopping))
    job.sign.touch()
    await over.wait()
    await supervisor.stop(GRACE)
