"""Every row that can be measured, in its order."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bench.context import Bench
from bench.rows.append import append
from bench.rows.eight import eight
from bench.rows.imports import imports
from bench.rows.long import long
from bench.rows.post import post
from bench.rows.rebuild import rebuild
from bench.rows.relay import relay
from bench.rows.road import road


@dataclass(frozen=True, slots=True)
class Row:
    """`seconds` is what it takes, reckoned, for the progress; `long` ones run by themselves."""

    name: str
    title: str
    seconds: float
    run: Callable[[Bench], Awaitable[None]]
    long: bool = False


ROWS: tuple[Row, ...] = (
    Row("append", "The log alone", 60, append),
    Row("post", "A report, posted", 250, post),
    Row("eight", "Eight processes appending", 30, eight),
    Row("rebuild", "A read model, rebuilt", 60, rebuild),
    Row("relay", "The relay to Kafka", 60, relay),
    Row("road", "From a classification to the commissioner's list", 120, road),
    Row("import", "Bulk import", 1, imports),
    Row("long", "Over millions of events", 900, long, long=True),
)
