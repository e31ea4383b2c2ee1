"""What a trial saw: the calls that wrote, what readers read, and what stood there at the end."""

import json
import os
import time
from collections.abc import Iterable, Iterator
from dataclasses import KW_ONLY, asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any


class Outcome(StrEnum):
    """What the writer was told of its call; `unknown` covers calls that were killed or cut."""

    ACKNOWLEDGED = "acknowledged"
    REFUSED = "refused"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One item written by one call. `sent` and `ended` are nanoseconds of the machine's monotonic
    clock, which all its processes share; `key` is what its order is promised for.

    Who may be killed records it as `unknown` when it sends, and once more when it was told."""

    writer: str
    item: str
    key: str
    sent: int
    ended: int
    outcome: Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One item as a reader met it: number `n` of `series`, and what it held, as a digest."""

    reader: str
    series: str
    n: int
    item: str
    digest: str
    at: int


@dataclass(frozen=True, slots=True)
class View:
    """How readers of one kind are judged, by the beginning of their names.

    `whole`: at the end each of them must have met every acknowledged item. `repeats`: what stands
    at or below the highest number met so far is dropped first, as every reader of a raw topic
    does. `from_start`: its first number in a series is 1."""

    prefix: str
    _: KW_ONLY
    whole: bool = True
    repeats: bool = False
    from_start: bool = True


@dataclass(slots=True, kw_only=True)
class History:
    """Everything recorded in a trial; `truth` is the log as read when all was over."""

    calls: list[Call] = field(default_factory=list)
    seen: list[Seen] = field(default_factory=list)
    truth: list[Seen] = field(default_factory=list)

    def acknowledged(self) -> dict[str, Call]:
        return {one.item: one for one in self.calls if one.outcome is Outcome.ACKNOWLEDGED}

    def readers(self) -> dict[str, list[Seen]]:
        """What each reader met, in its own order."""
        found: dict[str, list[Seen]] = {}
        for one in self.seen:
            found.setdefault(one.reader, []).append(one)
        return found


now = time.monotonic_ns


class Recorder:
    """Writes a process's part of a history to a file, a line each; a kill -9 loses none that was
    written, and tears at most the last."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def write(self, *parts: Call | Seen) -> None:
        lines = (json.dumps({type(one).__name__: asdict(one)}) + "\n" for one in parts)
        os.write(self._file, "".join(lines).encode())

    def close(self) -> None:
        os.close(self._file)


def load(paths: Iterable[Path]) -> History:
    """The history of all files; a line torn by a kill counts as not written, and of a call what
    was recorded last."""
    history = History()
    calls: dict[tuple[str, str, int], Call] = {}
    for path in paths:
        for kind, fields in _lines(path):
            if kind == "Call":
                call = Call(**{**fields, "outcome": Outcome(fields["outcome"])})
                calls[call.writer, call.item, call.sent] = call
            else:
                history.seen.append(Seen(**fields))
    history.calls += calls.values()
    return history


def _lines(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    for line in path.read_text().splitlines(keepends=True):
        if line.endswith("\n"):
            yield from json.loads(line).items()
