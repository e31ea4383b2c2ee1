"""The last gate before a commit: no clear code of an event and nothing told names a person (E6)."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from functools import cache, lru_cache
from typing import Any, Literal, get_args, get_origin

from shared.kernel.errors import Invalid
from shared.kernel.words import CODE_LIMIT, hints_of, seal_of
from shared.nhs.concepts import is_concept_id
from shared.privacy.identifiers import holds_identifier

MESSAGE = "Write a code: this could be a number, an address or a postcode of a person."
REMEMBERED = 4096
_OWN_ID = re.compile(r"[a-z2-7]{26}\Z")
_NHS_NUMBER_LENGTH = 10
_NO_TEXT = (int, bool, float, date, datetime, type(None))


def require_codes_alone(
    made: Sequence[object], command: object, known: Callable[[str], bool]
) -> None:
    """Raises Invalid, pointing into the command where it stands there, if a text of the events
    and contracts `made`, sealed ones left out, holds an identifier of a person. Codes of
    organisations that are `known`, ids of ours and of medicines only look like one."""
    texts: list[str] = []
    for one in made:
        _gather(one, texts)
    for text in texts:
        if not _is_clear(text) and not known(text):
            raise Invalid(_pointer(command, text) or "", "identifier", MESSAGE)


def _is_clear(text: str) -> bool:
    if len(text) > CODE_LIMIT:
        return not holds_identifier(text)
    try:
        return _found_clear(text)
    except _Suspect:
        return False


class _Suspect(Exception):
    """A code that holds an identifier; as an exception it is not remembered."""


@lru_cache(maxsize=REMEMBERED)
def _found_clear(code: str) -> Literal[True]:
    """Codes come again and again: each is read once."""
    medicine = len(code) != _NHS_NUMBER_LENGTH and is_concept_id(code)
    if _OWN_ID.match(code) or medicine or not holds_identifier(code):
        return True
    raise _Suspect


def _gather(held: Any, texts: list[str]) -> None:
    """Every clear text in what was made."""
    if type(held) is str:
        texts.append(held)
    elif isinstance(held, tuple | list):
        for one in held:
            _gather(one, texts)
    elif isinstance(held, dict):
        for one in held.values():
            _gather(one, texts)
    elif is_dataclass(held) and not isinstance(held, type):
        for name in _clear_fields(type(held)):
            _gather(getattr(held, name), texts)


@cache
def _clear_fields(cls: type[Any]) -> tuple[str, ...]:
    """The fields that are not sealed and may hold any text at all."""
    return tuple(
        name for name, hint in hints_of(cls).items() if not seal_of(hint) and _may_be_text(hint)
    )


def _may_be_text(hint: Any) -> bool:
    if get_origin(hint) is Literal or hint in _NO_TEXT:
        return False
    inside = [one for one in get_args(hint) if isinstance(one, type) or get_args(one)]
    return any(map(_may_be_text, inside)) if inside else isinstance(hint, type)


def _pointer(held: object, text: str) -> str | None:
    """Where a text stands in a command, None where it does not."""
    if held == text:
        return ""
    for name, inner in _inside(held):
        found = _pointer(inner, text)
        if found is not None:
            return f"/{name}{found}"
    return None


def _inside(held: object) -> Iterator[tuple[object, object]]:
    if is_dataclass(held):
        for one in fields(held):
            yield one.name, getattr(held, one.name)
    elif isinstance(held, tuple):
        yield from enumerate(held)
