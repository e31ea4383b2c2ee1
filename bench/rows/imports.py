"""Bulk import, once there is one."""

from bench.context import Bench
from bench.names import IMPORT, POSTGRES


async def imports(bench: Bench) -> None:
    """Says that there is nothing to measure yet."""
    bench.missing(IMPORT, POSTGRES, "reports cannot be imported in bulk yet.")
