"""Trace context: W3C `traceparent`, read, continued and begun."""

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass

RandomBytes = Callable[[int], bytes]

_HEADER = re.compile(
    r"(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?\Z",
    re.ASCII,
)
_LIMIT = 512


@dataclass(frozen=True, slots=True)
class Trace:
    """One step of a trace: 32 and 16 hex digits; `sampled` asks those who follow to record."""

    trace_id: str
    span_id: str
    sampled: bool = False

    def header(self) -> str:
        """The `traceparent` to hand on (version 00)."""
        return f"00-{self.trace_id}-{self.span_id}-{'01' if self.sampled else '00'}"

    def child(self, random: RandomBytes = secrets.token_bytes) -> "Trace":
        """The next step of the same trace."""
        return Trace(self.trace_id, _hex(8, random), self.sampled)


def parse(header: str) -> Trace | None:
    """What a `traceparent` says; None where it is not one (W3C Trace Context, section 3.2).

    Version 00 has exactly four parts; of later versions the first four are read.
    """
    found = _HEADER.match(header) if len(header) <= _LIMIT else None
    if found is None or (found[1] == "00" and found[5]):
        return None
    return Trace(found[2], found[3], bool(int(found[4], 16) & 1))


def begin(random: RandomBytes = secrets.token_bytes) -> Trace:
    """A new trace, not sampled."""
    return Trace(_hex(16, random), _hex(8, random))


def continued(header: str, random: RandomBytes = secrets.token_bytes) -> Trace:
    """The next step of the trace that came, or a new one where none did."""
    came = parse(header)
    return came.child(random) if came else begin(random)


def _hex(length: int, random: RandomBytes) -> str:
    """Random hex digits that are not all zero, which would mean none."""
    drawn = random(length)
    return drawn.hex() if any(drawn) else (bytes(length - 1) + b"\x01").hex()
