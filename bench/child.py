"""`python -m bench.child KIND TOLD`: one contestant in a process of its own.

It reads `{"clients": n, "seconds": s}` a line from standard input and answers a sample a line; it
ends when that input ends, however the benchmark ends.
"""

import asyncio
import json
import sys
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from bench.contestants.base import Contest
from bench.contestants.every import CONTESTS


async def answer(kind: str, told: Mapping[str, Any]) -> None:
    """Opens the contestant, says that it is ready, and runs what it is told line by line."""
    contest: Contest = CONTESTS[kind]
    loop = asyncio.get_running_loop()
    async with contest(told) as run:
        _say({"ready": kind})
        while line := await loop.run_in_executor(None, sys.stdin.readline):
            asked = json.loads(line)
            _say(asdict(await run(asked["clients"], asked["seconds"])))


def _say(said: Mapping[str, Any]) -> None:
    sys.stdout.write(json.dumps(said) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(answer(sys.argv[1], json.loads(sys.argv[2])))
