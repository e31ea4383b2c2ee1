"""Harm to patients: own words, LFPSE codes, which is worse, and when the duty of candour begins."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal, Protocol, cast, get_args

HarmWord = Literal["fatal", "severe", "moderate", "low", "none"]
PsychologicalHarmWord = Literal["severe", "moderate", "low", "none"]

HARM_WORDS: tuple[HarmWord, ...] = get_args(HarmWord)
"""From worst to none; the order is the rank."""

# LFPSE version 5, level-of-physical-harm and level-of-psychological-harm: lower is worse, and the
# two scales are offset by one, so codes are never compared, only words.
_PHYSICAL: dict[str, HarmWord] = {
    "1": "fatal",
    "2": "severe",
    "3": "moderate",
    "4": "low",
    "5": "none",
}
_PSYCHOLOGICAL: dict[str, PsychologicalHarmWord] = {
    "1": "severe",
    "2": "moderate",
    "3": "low",
    "4": "none",
}


class UnknownHarm(LookupError):
    """A harm code or word that the value set does not hold."""


class HarmedPatient(Protocol):
    """Whatever says how one patient was harmed; None where it is not recorded."""

    @property
    def physical_harm(self) -> HarmWord | None: ...

    @property
    def psychological_harm(self) -> PsychologicalHarmWord | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Harm:
    """Harm to one patient, in own words: the smallest thing that is a HarmedPatient."""

    physical_harm: HarmWord | None = None
    psychological_harm: PsychologicalHarmWord | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CandourThreshold:
    """Harm from which a patient must be told (both days inclusive).

    `confirmed` speaks of the psychological part: the law says prolonged psychological harm,
    and reading it as moderate or severe is a default.
    """

    version: int
    effective_from: date
    effective_to: date | None
    physical: frozenset[HarmWord]
    psychological: frozenset[PsychologicalHarmWord]
    confirmed: bool


# Regulation 20, Health and Social Care Act 2008 (Regulated Activities) Regulations 2014.
CANDOUR_THRESHOLDS = (
    CandourThreshold(
        version=1,
        effective_from=date(2014, 11, 27),
        effective_to=None,
        physical=frozenset({"fatal", "severe", "moderate"}),
        psychological=frozenset({"severe", "moderate"}),
        confirmed=False,
    ),
)


def physical_from_lfpse(code: str) -> HarmWord:
    """The word of an LFPSE physical harm code "1" to "5". Raises UnknownHarm."""
    if code not in _PHYSICAL:
        raise UnknownHarm("physical harm has codes 1 to 5")
    return _PHYSICAL[code]


def psychological_from_lfpse(code: str) -> PsychologicalHarmWord:
    """The word of an LFPSE psychological harm code "1" to "4". Raises UnknownHarm."""
    if code not in _PSYCHOLOGICAL:
        raise UnknownHarm("psychological harm has codes 1 to 4")
    return _PSYCHOLOGICAL[code]


def physical_to_lfpse(word: HarmWord) -> str:
    """The LFPSE code of a physical harm word."""
    return _code_of(word, _PHYSICAL)


def psychological_to_lfpse(word: PsychologicalHarmWord) -> str:
    """The LFPSE code of a psychological harm word. Raises UnknownHarm for "fatal"."""
    return _code_of(word, _PSYCHOLOGICAL)


def rank(word: HarmWord) -> int:
    """0 for fatal up to 4 for none: lower is worse, physical and psychological alike."""
    if word not in HARM_WORDS:
        raise UnknownHarm(f"harm is one of {', '.join(HARM_WORDS)}")
    return HARM_WORDS.index(word)


def worse(first: HarmWord, second: HarmWord) -> HarmWord:
    """The worse of two harms."""
    return min(first, second, key=rank)


def worst_harm(patients: Iterable[HarmedPatient]) -> HarmWord | None:
    """The worst harm to any patient, of either sort; None when no harm is recorded for anybody."""
    words = [word for patient in patients for word in _words(patient)]
    return min(words, key=rank, default=None)


def candour_threshold(on: date) -> CandourThreshold | None:
    """The threshold in force on a London day; None before the statutory duty."""
    for candidate in CANDOUR_THRESHOLDS:
        ended = candidate.effective_to is not None and candidate.effective_to < on
        if candidate.effective_from <= on and not ended:
            return candidate
    return None


def candour_due(patient: HarmedPatient, on: date) -> bool:
    """Whether the duty of candour applies to one patient for an incident of that London day."""
    threshold = candour_threshold(on)
    if threshold is None:
        return False
    return (
        patient.physical_harm in threshold.physical
        or patient.psychological_harm in threshold.psychological
    )


def _words(patient: HarmedPatient) -> list[HarmWord]:
    both = (patient.physical_harm, cast("HarmWord | None", patient.psychological_harm))
    return [word for word in both if word is not None]


def _code_of(word: str, words: "dict[str, HarmWord] | dict[str, PsychologicalHarmWord]") -> str:
    for code, candidate in words.items():
        if candidate == word:
            return code
    raise UnknownHarm(f"harm here is one of {', '.join(words.values())}")
