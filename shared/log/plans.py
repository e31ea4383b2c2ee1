"""How each field of an event is written as plain JSON and read again: worked out once a class."""

import types
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, date, datetime
from enum import Enum
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import orjson

from shared.kernel.errors import Broken
from shared.kernel.words import ERASED, Erased, Seal, hints_of

RECORD = "record"
SEALED = "$sealed"
"""Stands in stored data before the token of a sealed field."""
SCOPE = "of"
"""Stands beside the token where the key is not the record's: `reporter`, `patient/<number>`."""
GONE = "$erased"
"""Stands where a text was recorded again that had been erased before."""

SealText = Callable[[str, str, str], str]
"""(scope, field path, text) -> token. Scopes: `record`, `reporter`, `patient/<number>`."""
OpenText = Callable[[str, str], str]
"""(token, field path) -> text, or ERASED where its key is destroyed."""

Write = Callable[[Any, str, Any, Callable[[str, str, str], Any]], Any]
"""(value, field path, the object it stands in, seal) -> plain JSON; what `seal` answers stands in
it for the token."""
Read = Callable[[Any, str, OpenText], Any]
"""(plain JSON, field path, open) -> value."""


class StillSealed(str):
    """A token in the place of a field that was left sealed, with the `path` it was sealed at."""

    def __new__(cls, token: str, path: str) -> "StillSealed":
        made = super().__new__(cls, token)
        made.path = path
        return made

    path: str


@dataclass(frozen=True, slots=True)
class Part:
    """How one type is written and read; None where orjson writes it, or JSON gives it, as it is."""

    write: Write | None = None
    read: Read | None = None


PLAIN = Part()
_SCALARS = (str, int, bool, float, type(None), Any, object)


_PLANS: dict[type[Any], Part] = {}


def plan_of(cls: type[Any]) -> Part:
    """The plan of a dataclass. Raises Broken for a field type that the log cannot hold."""
    if cls not in _PLANS:
        _PLANS[cls] = _plan(cls)
    return _PLANS[cls]


def _plan(cls: type[Any]) -> Part:
    hints = hints_of(cls)
    names = [one.name for one in fields(cls)]
    parts = [(name, _part(hints[name], f"{cls.__name__}.{name}")) for name in names]
    writes = [(name, part.write) for name, part in parts]
    reads = {name: part.read for name, part in parts}

    def write(value: Any, path: str, holder: Any, seal: SealText) -> dict[str, Any]:
        below = path and f"{path}/"
        plain: dict[str, Any] = {}
        for name, step in writes:
            held = getattr(value, name)
            if held is not None:
                plain[name] = held if step is None else step(held, f"{below}{name}", value, seal)
        return plain

    def read(plain: Any, path: str, open_: OpenText) -> Any:
        below = path and f"{path}/"
        told: dict[str, Any] = {}
        for name, held in plain.items():
            if name in reads:
                step = reads[name]
                told[name] = (
                    held if step is None or held is None else step(held, f"{below}{name}", open_)
                )
        return cls(**told)

    return Part(write, read)


def _part(hint: Any, place: str) -> Part:
    origin = get_origin(hint)
    if origin is Annotated:
        inner, *marks = get_args(hint)
        seal = next((mark for mark in marks if isinstance(mark, Seal)), None)
        part = _part(inner, place)
        return part if seal is None else _sealed(seal, inner, part)
    if origin in (Union, types.UnionType):
        return _one_of([one for one in get_args(hint) if one is not type(None)], place)
    if origin in (tuple, list, set, frozenset):
        return _many(origin, get_args(hint), place)
    if origin is not None and isinstance(origin, type) and issubclass(origin, Mapping):
        return _mapping(_part(get_args(hint)[1], place))
    return _single(hint, place)


def _single(hint: Any, place: str) -> Part:
    if hint in _SCALARS or get_origin(hint) is Literal:
        return PLAIN
    if hint is datetime:
        return Part(_write_moment, lambda plain, path, open_: datetime.fromisoformat(plain))
    if hint is date:
        return Part(None, lambda plain, path, open_: date.fromisoformat(plain))
    if isinstance(hint, type) and issubclass(hint, Enum):
        return Part(None, lambda plain, path, open_: hint(plain))
    if is_dataclass(hint) and isinstance(hint, type):
        return plan_of(hint)
    raise Broken(f"{place} has a type that the log cannot hold")


def _write_moment(value: datetime, path: str, holder: Any, seal: SealText) -> datetime:
    if value.tzinfo is None:
        raise ValueError(f"{path}: a time without offset")
    return value.astimezone(UTC)


def _one_of(choices: list[Any], place: str) -> Part:
    parts = [_part(one, place) for one in choices]
    if len(parts) == 1:
        return parts[0]
    if all(part is PLAIN for part in parts):
        return PLAIN
    if {_bare(one) for one in choices} == {date, datetime}:
        return Part(_write_day_or_moment, _read_day_or_moment)
    raise Broken(f"{place} may be several things; give it one type that says which it is")


def _bare(hint: Any) -> Any:
    return get_args(hint)[0] if get_origin(hint) is Annotated else hint


def _write_day_or_moment(
    value: date | datetime, path: str, holder: Any, seal: SealText
) -> date | datetime:
    return _write_moment(value, path, holder, seal) if isinstance(value, datetime) else value


def _read_day_or_moment(plain: str, path: str, open_: OpenText) -> date | datetime:
    return datetime.fromisoformat(plain) if "T" in plain else date.fromisoformat(plain)


def _many(kind: Any, inside: tuple[Any, ...], place: str) -> Part:
    if kind is tuple and inside and inside[-1] is not Ellipsis:
        return _fixed([_part(one, place) for one in inside])
    part = _part(inside[0], place) if inside else PLAIN
    unordered = kind in (set, frozenset)

    def write(value: Any, path: str, holder: Any, seal: SealText) -> list[Any]:
        held = sorted(value) if unordered else value
        if part.write is None:
            return list(held)
        step = part.write
        return [step(one, f"{path}/{i}", holder, seal) for i, one in enumerate(held)]

    def read(plain: Any, path: str, open_: OpenText) -> Any:
        if part.read is None:
            return kind(plain)
        step = part.read
        return kind([step(one, f"{path}/{i}", open_) for i, one in enumerate(plain)])

    return Part(None if part.write is None and not unordered else write, read)


def _fixed(parts: list[Part]) -> Part:
    def write(value: Any, path: str, holder: Any, seal: SealText) -> list[Any]:
        return [
            one if part.write is None else part.write(one, f"{path}/{i}", holder, seal)
            for i, (part, one) in enumerate(zip(parts, value, strict=True))
        ]

    def read(plain: Any, path: str, open_: OpenText) -> Any:
        return tuple(
            one if part.read is None else part.read(one, f"{path}/{i}", open_)
            for i, (part, one) in enumerate(zip(parts, plain, strict=True))
        )

    return Part(write, read)


def _mapping(part: Part) -> Part:
    if part is PLAIN:
        return PLAIN

    def write(value: Any, path: str, holder: Any, seal: SealText) -> dict[str, Any]:
        return {
            name: one if part.write is None else part.write(one, f"{path}/{name}", holder, seal)
            for name, one in value.items()
        }

    def read(plain: Any, path: str, open_: OpenText) -> Any:
        return {
            name: one if part.read is None else part.read(one, f"{path}/{name}", open_)
            for name, one in plain.items()
        }

    return Part(write, read)


def _sealed(seal_: Seal, inner: Any, part: Part) -> Part:
    """A field sealed under the key of its scope: text as it is, anything else as JSON."""
    textual = _textual(inner)

    def write(value: Any, path: str, holder: Any, seal: SealText) -> dict[str, Any]:
        if isinstance(value, Erased):
            return {GONE: True}
        plain = value if part.write is None else part.write(value, path, holder, seal)
        text = plain if textual else dump(plain).decode()
        scope = f"patient/{holder.number}" if seal_.scope == "patient" else seal_.scope
        token = seal(scope, path, text)
        return {SEALED: token} if scope == RECORD else {SEALED: token, SCOPE: scope}

    def read(plain: Any, path: str, open_: OpenText) -> Any:
        # What is bare already was opened before an upcaster saw it.
        opened = ERASED if is_gone(plain) else plain
        if is_sealed(plain):
            opened = open_(plain[SEALED], path)
        if textual or isinstance(opened, Erased | StillSealed):
            return opened
        value = orjson.loads(opened) if isinstance(opened, str) else opened
        return value if part.read is None else part.read(value, path, open_)

    return Part(write, read)


def _textual(hint: Any) -> bool:
    if get_origin(hint) is Literal:
        return all(isinstance(one, str) for one in get_args(hint))
    if get_origin(hint) is Annotated:
        return _textual(get_args(hint)[0])
    return hint is str


def is_sealed(plain: Any) -> bool:
    """Whether stored data is a sealed field."""
    return isinstance(plain, dict) and SEALED in plain and plain.keys() <= {SEALED, SCOPE}


def sealed_values(plain: Any) -> Iterator[tuple[str, str]]:
    """(scope, token) of every sealed field in stored data, whatever event it is of."""
    if is_sealed(plain):
        yield plain.get(SCOPE, RECORD), plain[SEALED]
    elif isinstance(plain, dict):
        for held in plain.values():
            yield from sealed_values(held)
    elif isinstance(plain, list):
        for held in plain:
            yield from sealed_values(held)


def is_gone(plain: Any) -> bool:
    """Whether stored data is a field that was erased before it was recorded again."""
    return isinstance(plain, dict) and len(plain) == 1 and GONE in plain


def dump(plain: Any, fill: Callable[[Any], str] | None = None) -> bytes:
    """Plain JSON as bytes, times with `Z`; `fill` gives the text for what is no JSON."""
    return orjson.dumps(plain, fill, orjson.OPT_UTC_Z)
