"""What the system says of other processes: CPU seconds and memory; Linux only."""

import asyncio
import os
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
KIBI = 1024
QUIET = 0.1
"""The share of one core below which a process counts as quiet."""
GLANCE = 0.2


def cpu_of(pid: int) -> float:
    """CPU seconds of a process so far, its threads included."""
    told = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(told[11]) + int(told[12])) / TICKS


def memory_of(pid: int) -> float:
    """MiB that a process holds, shared pages divided by who shares them."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / KIBI
    raise RuntimeError(f"the system does not say what process {pid} holds")


async def quiet(pid: int, within: float) -> bool:
    """Whether the process came to rest within so many seconds."""
    loop = asyncio.get_running_loop()
    give_up = loop.time() + within
    before = cpu_of(pid)
    while loop.time() < give_up:
        await asyncio.sleep(GLANCE)
        now = cpu_of(pid)
        if now - before < QUIET * GLANCE:
            return True
        before = now
    return False
