"""The processes of a hop: `python -m tests.faults.hop_roles relay|consumer|both NAME SETTING`."""

import asyncio
import os
import random
import signal
import sys
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from aiokafka.errors import RequestTimedOutError

from shared.bus import kafka, relay
from shared.bus.base import Partition
from shared.bus.consumer import Consumer
from shared.bus.embedded import EmbeddedSource
from shared.bus.kafka import KafkaSource
from shared.bus.relay import Relay
from shared.bus.tasks import together
from shared.log.appender import Appender
from shared.log.waking import Signal
from shared.runtime.supervise import Supervisor
from shared.telemetry.logs import configure_logs
from tests.faults.history import Recorder
from tests.faults.hop_effects import Effects
from tests.faults.hop_load import KEYS, PAUSE, Load
from tests.faults.hop_setting import READER, TOPIC, Setting, opened, setting_of
from tests.faults.steps import Stepped, SteppedLog, Steps, obey

GRACE = 3.0
"""As a worker has; its module would take a second to import."""

Run = Callable[[asyncio.Event], Awaitable[None]]
Orders = dict[str, Callable[..., None]]


class Failing:
    """A producer one of whose sends fails: `lost` before it leaves, `unheard` once Kafka has it."""

    left = 0
    lost = False

    def __init__(self, real: Any, steps: Steps) -> None:
        self._real = real
        self._steps = steps

    @classmethod
    def fail(cls, way: str, after: int) -> None:
        """The send so many from now fails."""
        cls.left, cls.lost = after, way == "lost"

    async def send_batch(self, *told: Any, **more: Any) -> asyncio.Future[Any]:
        self._steps.passes("send begins")
        fails, Failing.left = Failing.left == 1, max(Failing.left - 1, 0)
        if fails and Failing.lost:
            raise RequestTimedOutError
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


def relaying(name: str, setting: Setting, steps: Steps) -> tuple[Run, Orders]:
    relay.PATIENCE = setting.patience
    # Small batches: a fault finds more than one of them on its way.
    relay.BATCH_BYTES = 8_000
    one = Relay(
        SteppedLog(opened(setting.telling), steps),
        TOPIC,
        setting.bootstrap,
        setting.prefix,
        name.partition("/")[0],
        lease=timedelta(seconds=setting.lease),
    )
    made = one._producer
    one._producer = lambda: Failing(made(), steps)  # type: ignore[method-assign]  # a fault's place
    return one.run, {"fail": Failing.fail}


def consuming(name: str, setting: Setting, steps: Steps) -> tuple[Run, Orders]:
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


def both(name: str, setting: Setting, steps: Steps) -> tuple[Run, Orders]:
    """Tells and hears in one process, as embedded; `rest` ends the telling."""
    telling, hearing = (
        SteppedLog(opened(one), steps) for one in (setting.telling, setting.hearing)
    )
    told, resting = Signal(), asyncio.Event()
    effects = Stepped(Effects(hearing), steps)
    consumer = Consumer(READER, effects.decide, hearing, Appender(hearing))
    keys = [f"{name}-{os.getpid()}-{key}" for key in range(KEYS)]
    load = Load(telling, random.Random(name), keys)
    recorder = Recorder(setting.calls(os.getpid()))

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

    return run, {"rest": resting.set}


ROLES = {"relay": relaying, "consumer": consuming, "both": both}


async def main(role: str, name: str, setting: Setting) -> None:
    """Works until SIGTERM, as a worker does: within its grace time, with status 0."""
    steps = Steps(setting.note(name))
    run, orders = ROLES[role](name, setting, steps)
    supervisor = Supervisor()
    over = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, over.set)
    listening = asyncio.create_task(_obey({"arm": steps.arm, **orders}))
    supervisor.start(role, lambda: run(supervisor.stopping))
    setting.sign(os.getpid()).touch()
    await over.wait()
    await supervisor.stop(GRACE)
    listening.cancel()


async def _obey(orders: Orders) -> None:
    """Nobody is left to end this process once its standard input has ended."""
    await obey(orders)
    os._exit(3)


if __name__ == "__main__":
    configure_logs(service="all", process="worker", stream=sys.stdout)
    asyncio.run(main(sys.argv[1], sys.argv[2], setting_of(sys.argv[3])))
