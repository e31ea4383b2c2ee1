"""`python -m bench.peers.noop PORT`: intake's API whose handler writes nothing.

It is started as `opendoor serve intake` is: the same middleware, token, schema and answer. The
first report is filed in earnest, and its answer is what every later one is given.
"""

import sys
from typing import Any

from services.intake.service import service
from shared.runtime.engine import Engine, open_engine
from shared.runtime.settings import load_settings
from shared.runtime.verbs import processes
from shared.web.asked import Asked, Done


class Nothing:
    """A handler that answers as the first time."""

    def __init__(self, engine: Engine) -> None:
        self._real = engine.handle
        self._done: Done | None = None
        self.carry_out = engine.handle.carry_out

    async def __call__(self, asked: Asked) -> Done:
        if self._done is None:
            self._done = await self._real(asked)
        return self._done


async def _opened(*told: Any, **more: Any) -> Engine:
    engine = await open_engine(*told, **more)
    engine.handle = Nothing(engine)  # type: ignore[assignment]  # it is called alike
    return engine


if __name__ == "__main__":
    vars(processes)["open_engine"] = _opened
    processes.serve(service, load_settings(port=int(sys.argv[1])))
