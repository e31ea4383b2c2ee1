"""Rules on runs of digits: NHS numbers by their check digit, and telephone numbers."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from nhs_number.validate import is_valid

Span = tuple[int, int]

# Each pattern begins with a set of characters: the engine then skips quickly to where one stands.
_NHS_RUN = re.compile(r"[0-9](?:[\s./_,-]{0,3}[0-9]){9,}")
_PHONE_RUN = re.compile(r"[0-9](?:[ \t.()-]{0,3}[0-9]){7,}")
_SHORT_RUN = re.compile(r"[0-9](?:[ -]?[0-9]){4,14}")
_PHONE_CUE = re.compile(
    r"\b(?:tel|telephone|phone|mobile|mob|cell|fax|ring|bleep|ext|extension|contact)\b"
    r"[^0-9\n]{0,16}\Z",
    re.IGNORECASE,
)
_CUE_REACH = 26
_NATIONAL_LENGTHS = (11, 10)
_NATIONAL_SECOND = "1235789"


@dataclass(frozen=True, slots=True)
class _Run:
    """Digits in a row, separators between them left out, and where each stands in the text."""

    digits: str
    places: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.places)

    def starts(self, at: int) -> bool:
        return at == 0 or self.places[at] - self.places[at - 1] > 1

    def ends(self, at: int) -> bool:
        return at == len(self) - 1 or self.places[at + 1] - self.places[at] > 1

    def span(self, first: int, last: int) -> Span:
        return self.places[first], self.places[last] + 1


def _runs(pattern: re.Pattern[str], text: str) -> Iterator[_Run]:
    for found in pattern.finditer(text):
        places = tuple(at for at in range(*found.span()) if text[at].isdecimal())
        yield _Run("".join(text[at] for at in places), places)


def nhs_numbers(text: str) -> Iterable[Span]:
    """Ten digits with a right check digit, however they are grouped.

    A group boundary must stand at both ends, or at one end of an unbroken row of digits, so that
    a number glued to another is found and a long serial number is not tried at every place.
    """
    for run in _runs(_NHS_RUN, text):
        for first in range(len(run) - 9):
            last = first + 9
            if _could_stand_alone(run, first, last) and is_valid(run.digits[first : last + 1]):
                yield run.span(first, last)


def _could_stand_alone(run: _Run, first: int, last: int) -> bool:
    starts, ends = run.starts(first), run.ends(last)
    unbroken = run.places[last] - run.places[first] == last - first
    return (starts and ends) or (unbroken and (starts or ends))


def telephones(text: str) -> Iterable[Span]:
    """British numbers, drama numbers among them, international ones, and short ones after a cue.

    Too much is flagged rather than too little: a person looks at each.
    """
    for run in _runs(_PHONE_RUN, text):
        yield from _in_run(run, text)
    for found in _SHORT_RUN.finditer(text):
        if _PHONE_CUE.search(text, max(0, found.start() - _CUE_REACH), found.start()):
            yield found.span()


def _in_run(run: _Run, text: str) -> Iterator[Span]:
    first = 0
    while first < len(run):
        place = run.places[first]
        plus = text.find("+", max(0, place - 2), place)
        last = _telephone_from(run, first, plus >= 0) if run.starts(first) else None
        if last is not None:
            yield (plus if plus >= 0 else place), run.places[last] + 1
        first = first + 1 if last is None else last + 1


def _telephone_from(run: _Run, first: int, plus: bool) -> int | None:
    """The place of the last digit of a number that begins at `first`."""
    digits = run.digits[first : first + 3]
    if plus:
        return _longest(run, first, range(15, 7, -1))
    if digits[:2] == "00" and digits[2:] not in ("", "0"):
        return _longest(run, first, range(17, 9, -1))
    if digits[:2] == "44" and digits[2:] in ("0", *_NATIONAL_SECOND):
        return _longest(run, first, (13, 12, 11))
    if digits[:1] == "0" and digits[1:2] in tuple(_NATIONAL_SECOND) and not _day(run, first):
        return _longest(run, first, _NATIONAL_LENGTHS)
    return None


def _longest(run: _Run, first: int, lengths: Iterable[int]) -> int | None:
    for length in lengths:
        last = first + length - 1
        if last < len(run) and run.ends(last):
            return last
    return None


def _day(run: _Run, first: int) -> bool:
    """Whether a date such as 01.02.2018 begins here, which an hour may follow."""
    ends = [at for at in range(first, min(first + 8, len(run))) if run.ends(at)]
    sizes = [end - start for start, end in zip([first - 1, *ends], ends, strict=False)]
    return len(sizes) > 2 and sizes[0] <= 2 and sizes[1] <= 2 and sizes[2] == 4
