"""SNOMED CT concept ids, of which those of the dictionary of medicines and devices (dm+d) are some.

Source: SNOMED CT release file specification, "SCTID": partition and check digit (Verhoeff, 1969).
"""

import re

_FORM = re.compile(r"[1-9][0-9]{2,14}[01]0[0-9]\Z", re.ASCII)
"""6 to 18 digits; those before the last are the partition: a concept of the core, or of an
extension."""

_TURNED = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)


def is_concept_id(text: str) -> bool:
    """Whether a text is a concept id whose check digit is right."""
    return _FORM.match(text) is not None and _check_digit_holds(text)


def _check_digit_holds(digits: str) -> bool:
    state = 0
    for place, digit in enumerate(reversed(digits)):
        state = _times(state, _permuted(place, int(digit)))
    return state == 0


def _times(first: int, second: int) -> int:
    """The group of the pentagon's turns (0 to 4) and reflections (5 to 9)."""
    turn, reflected = second % 5, second >= 5
    if first < 5:
        return (first + turn) % 5 + 5 * reflected
    return (first - turn) % 5 + 5 * (not reflected)


def _permuted(place: int, digit: int) -> int:
    for _ in range(place % 8):
        digit = _TURNED[digit]
    return digit
