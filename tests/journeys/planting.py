"""Texts that name a patient in every way the screen knows, and the search for any trace of them."""

import re
from collections.abc import Iterator
from typing import Annotated, Any, get_args, get_origin

from pydantic import StringConstraints

from shared.kernel.words import hints_of

BORN, POSTCODE = "3 February 1941", "LS1 3EX"
_WEIGHTS = range(10, 1, -1)
_TRACES = re.compile(
    rb"999 ?\d{3} ?\d{4}|07700 ?900\d{3}|patient\d{3}@example\.org|Sample\d{3}x|heron\d{3}feather"
    rb"|3 February 1941|LS1 ?3EX"
)
"""Whatever looks like a planted text: one reading of a file finds all."""


def nhs_number(n: int) -> str:
    """The n-th number of the range 999 that no patient has, with its check digit."""
    tens = [f"999{one:06}" for one in range(n * 11, n * 11 + 11)]
    return next(f"{nine}{digit}" for nine in tens if (digit := _check_digit(nine)) < 10)


def _check_digit(nine: str) -> int:
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, nine, strict=True))
    return (11 - total % 11) % 11


class Planted:
    """Makes such texts, each with identifiers of its own, and knows them all."""

    def __init__(self) -> None:
        self._needles = {BORN, POSTCODE, POSTCODE.replace(" ", "")}
        self._count = 0

    def text(self) -> str:
        """Identifiers of every kind, in under 200 characters."""
        self._count += 1
        n = self._count
        number, phone = nhs_number(n), f"07700 900{n:03}"
        spaced = f"{number[:3]} {number[3:6]} {number[6:]}"
        mail, name = f"patient{n:03}@example.org", f"Sample{n:03}x"
        self._needles |= {number, spaced, phone, phone.replace(" ", ""), mail, name}
        return (
            f"Mrs {name}, NHS number {spaced}, born {BORN}, of {POSTCODE}, rings {phone} and "
            f"writes from {mail}."
        )

    def plain(self) -> str:
        """Words that only their writer uses, which no screen flags."""
        self._count += 1
        word = f"heron{self._count:03}feather"
        self._needles.add(word)
        return f"The words {word} stand for what somebody wrote."

    def found_in(self, content: bytes) -> list[str]:
        """What was planted and stands in some bytes."""
        return [hit for one in _TRACES.findall(content) if (hit := one.decode()) in self._needles]

    def places(self, body: Any, path: str = "") -> Iterator[str]:
        """Where a body holds planted text: fields joined by full stops, lists left out."""
        if isinstance(body, dict):
            for name, inner in body.items():
                yield from self.places(inner, f"{path}.{name}" if path else name)
        elif isinstance(body, list):
            for inner in body:
                yield from self.places(inner, path)
        elif isinstance(body, str) and self.found_in(body.encode()):
            yield path


def free_texts(message: type[Any], path: str = "") -> Iterator[str]:
    """Where a command takes free text, in the same form."""
    for name, hint in hints_of(message).items():
        yield from _in_hint(hint, f"{path}.{name}" if path else name)


def _in_hint(hint: Any, path: str) -> Iterator[str]:
    if hasattr(hint, "__dataclass_fields__"):
        yield from free_texts(hint, path)
    elif _is_free(hint):
        yield path
    else:
        parts = get_args(hint)
        for one in parts[:1] if get_origin(hint) is Annotated else parts:
            yield from _in_hint(one, path)


def _is_free(hint: Any) -> bool:
    """A text of limited length whose characters nothing limits."""
    limits = [one for one in get_args(hint) if isinstance(one, StringConstraints)]
    return any(one.max_length and one.pattern is None for one in limits)
