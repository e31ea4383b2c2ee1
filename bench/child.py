"""`python -m bench.child KIND TOLD`: one contestant in a process of its own.

It reads `{"clients": n, "seconds": s}` a line from standard input and answers a sample a line; it
ends when that input ends, however the benchmark ends.
"""

import asyncio
import json
import os
import sys
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from bench.contestants.base import Contest
from bench.contestants.every import CONTESTS
from shared.runtime.garbage import calm_collector
from shared.runtime.serving import run as run_process


async def answer(kind: str, told: Mapping[str, Any]) -> None:
    """Opens the contestant, says that it is ready, and runs what it is told line by line."""
    contest: Contest = CONTESTS[kind]
    loop = asyncio.get_running_loop()
    # Whatever else is said here, by a library or the product, is no answer.
    answers = os.dup(1)
    os.dup2(2, 1)
    async with contest(told) as run:
        calm_collector()
        _say(answers, {"ready": kind})
        while line := await loop.run_in_executor(None, sys.stdin.readline):
            asked = json.loads(line)
            _say(answers, asdict(await run(asked["clients"], asked["seconds"])))


def _say(answers: int, said: Mapping[str, Any]) -> None:
    os.write(answers, f"{json.dumps(said)}\n".encode())


if __name__ == "__main__":
    run_process(answer(sys.argv[1], json.loads(sys.argv[2])))
