"""Redaction: a log line carries listed fields of listed shapes, and nothing else (H24, M10)."""

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Literal

Shape = Literal["word", "sentence", "plain"]
"""`word`: an id, code or name without spaces; `sentence`: text of our own making; `plain`:
numbers, yes and no. A list of them is one too."""

FIELDS: Mapping[str, Shape] = MappingProxyType(
    {
        "event": "word",
        "code": "word",
        "level": "word",
        "logger": "word",
        "time": "word",
        "service": "word",
        "process": "word",
        "request_id": "word",
        "correlation_id": "word",
        "trace_id": "word",
        "task": "word",
        "kind": "word",
        "error": "word",
        "place": "word",
        "slug": "word",
        "method": "word",
        "route": "word",
        "topic": "word",
        "reader": "word",
        "projection": "word",
        "stream": "word",
        "type": "word",
        "causes": "word",
        "at": "word",
        "host": "word",
        "library": "word",
        "values": "word",
        "says": "sentence",
        "detail": "sentence",
        "reason": "sentence",
        "text": "sentence",
        "status": "plain",
        "partition": "plain",
        "n": "plain",
        "position": "plain",
        "version": "plain",
        "generation": "plain",
        "count": "plain",
        "repeats": "plain",
        "attempt": "plain",
        "seconds": "plain",
        "port": "plain",
    }
)
"""Every field that a line may have. What is not listed is left out and named under `withheld`."""

WITHHELD = "[withheld]"
SENTENCE_LIMIT = 300
LIST_LIMIT = 20
_WORD = re.compile(r"[\w.:/@{}<>+*-]{1,200}\Z")
_SECRET = re.compile(
    r"\beyJ[\w-]{8,}|\bwh(?:sec|sk)_|\bbearer\s|\bbasic\s+[\w+/=]{8,}|-----BEGIN|://[^\s/]*:[^\s/]*@",
    re.IGNORECASE,
)


def redact(fields: Mapping[str, object]) -> dict[str, object]:
    """The fields that may be logged, each in its shape; `withheld` lists the names of others."""
    kept = {name: _shaped(FIELDS[name], value) for name, value in fields.items() if name in FIELDS}
    others = sorted(name for name in fields if name not in FIELDS)
    return {**kept, "withheld": others} if others else kept


def _shaped(shape: Shape, value: object) -> object:
    if isinstance(value, str):
        return _text(shape, value)
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray):
        return [_shaped(shape, one) for one in value[:LIST_LIMIT]]
    return WITHHELD


def _text(shape: Shape, text: str) -> str:
    if shape == "plain" or _SECRET.search(text):
        return WITHHELD
    if shape == "word":
        return text if _WORD.match(text) else WITHHELD
    return text if len(text) <= SENTENCE_LIMIT else f"{text[:SENTENCE_LIMIT]}..."
