"""Screening: which passages of a free text could tell who somebody is, and the text without them.

The rules flag for a person and never rewrite what was reported; they read in linear time.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from shared.privacy.cues import birth_dates, emails, names, postcodes
from shared.privacy.digits import nhs_numbers, telephones
from shared.privacy.folding import fold

Rule = Callable[[str], Iterable[tuple[int, int]]]


@dataclass(frozen=True, slots=True, order=True)
class Flag:
    """Characters `start` up to, not including, `end` of a text; `kind` is a word of KINDS."""

    start: int
    end: int
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What a rule finds: `label` is what stands where the passage is withheld."""

    label: str
    rule: Rule


KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "nhs_number": Kind(label="NHS number", rule=nhs_numbers),
        "telephone": Kind(label="telephone number", rule=telephones),
        "email": Kind(label="e-mail address", rule=emails),
        "postcode": Kind(label="postcode", rule=postcodes),
        "birth_date": Kind(label="date of birth", rule=birth_dates),
        "name": Kind(label="name", rule=names),
    }
)
"""The kinds in order of weight: where passages overlap, the first names the whole."""

_WEIGHT = {kind: weight for weight, kind in enumerate(KINDS)}


def screen(text: str) -> tuple[Flag, ...]:
    """The passages that a reader elsewhere must not see before a person released them, in order
    and without overlap."""
    plain = fold(text)
    found = (Flag(*span, kind) for kind, one in KINDS.items() for span in one.rule(plain))
    return merge(found)


def merge(flags: Iterable[Flag]) -> tuple[Flag, ...]:
    """Flags in order, overlapping ones made into one; empty ones are dropped."""
    merged: list[Flag] = []
    for flag in sorted(one for one in flags if one.start < one.end):
        if merged and flag.start < merged[-1].end:
            last = merged[-1]
            kind = min(last.kind, flag.kind, key=_weight)
            merged[-1] = Flag(last.start, max(last.end, flag.end), kind)
        else:
            merged.append(flag)
    return tuple(merged)


def mask(text: str, flags: Sequence[Flag]) -> str:
    """The text with a marker for each passage; flags may overlap or lie beyond its end."""
    parts, at = [], 0
    for flag in merge(flags):
        label = KINDS[flag.kind].label if flag.kind in KINDS else "passage"
        parts += [text[at : flag.start], f"[withheld: {label}]"] if flag.start < len(text) else []
        at = min(flag.end, len(text))
    return "".join([*parts, text[at:]])


def withheld(flags: Iterable[Flag]) -> Mapping[str, int]:
    """How many passages of each kind are withheld."""
    return Counter(flag.kind for flag in merge(flags))


def _weight(kind: str) -> int:
    return _WEIGHT.get(kind, len(_WEIGHT))
