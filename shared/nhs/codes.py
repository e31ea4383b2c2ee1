"""Value sets in own words with their LFPSE codes, and the modes of an assurance activity."""

from dataclasses import dataclass
from types import MappingProxyType


class UnknownCode(LookupError):
    """A word or code that its value set does not hold; the message names the set."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """One value: our word, what a person reads, and the LFPSE code where the taxonomy has one."""

    word: str
    label: str
    lfpse: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueSet:
    """A closed set of values. LFPSE codes are opaque: their order is not rank, and gaps exist."""

    id: str
    codes: tuple[Code, ...]
    lfpse_set: str | None = None

    @property
    def words(self) -> tuple[str, ...]:
        """Our words, in reading order."""
        return tuple(one.word for one in self.codes)

    def __contains__(self, word: object) -> bool:
        return any(one.word == word for one in self.codes)

    def get(self, word: str) -> Code:
        """The value of a word. Raises UnknownCode."""
        for one in self.codes:
            if one.word == word:
                return one
        raise UnknownCode(f"{self.id} is one of {', '.join(self.words)}")

    def label(self, word: str) -> str:
        """What a person reads. Raises UnknownCode."""
        return self.get(word).label

    def to_lfpse(self, word: str) -> str:
        """The LFPSE code of a word. Raises UnknownCode, also where the taxonomy has none."""
        code = self.get(word).lfpse
        if code is None:
            raise UnknownCode(f"{self.id} value {word!r} has no LFPSE code")
        return code

    def from_lfpse(self, code: str) -> str:
        """The word of an LFPSE code. Raises UnknownCode."""
        for one in self.codes:
            if one.lfpse == code:
                return one.word
        raise UnknownCode(f"{self.id} has no such LFPSE code")


def _set(set_id: str, lfpse_set: str | None, *rows: tuple[str | None, str, str]) -> ValueSet:
    codes = tuple(Code(word=word, label=label, lfpse=code) for code, word, label in rows)
    return ValueSet(id=set_id, codes=codes, lfpse_set=lfpse_set)


# Codes 2 and 3 are a default: the version 5 taxonomy publishes no set of event types.
EVENT_KINDS = _set(
    "event_kind",
    None,
    ("1", "incident", "Incident"),
    ("2", "risk", "Risk"),
    ("3", "outcome", "Outcome of concern"),
    ("4", "good_care", "Good care"),
)

SERVICE_AREAS = _set(
    "service_area",
    "service-type-5",
    ("1", "acute", "Acute, general or specialist"),
    ("19", "maternity", "Maternity"),
    ("17", "general_practice", "General practice, out of hours and minor injuries"),
    ("18", "nhs_111", "NHS 111"),
    ("3", "ambulance", "Ambulance and 999"),
    ("4", "mental_health", "Mental health"),
    ("6", "community_therapy", "Community therapy"),
    ("7", "community_nursing", "Community and district nursing"),
    ("8", "prison", "Prison healthcare"),
    ("9", "community_pharmacy", "Community pharmacy"),
    ("10", "community_optometry", "Community optometry"),
    ("11", "community_dentistry", "Community dentistry"),
    ("12", "care_home", "Care home"),
    ("16", "intermediate_care", "Intermediate care"),
    ("13", "social_care", "Social care"),
    ("14", "learning_disability_autism", "Learning disability and autism"),
    ("15", "unknown", "Not known"),
)

REPORTER_TYPES = _set(
    "reporter_type",
    "reporter-type-5",
    ("1", "patient", "The patient"),
    ("2", "carer", "A friend, carer or relative"),
    ("3", "staff", "A member of staff"),
    ("4", "none_of_these", "None of these"),
    ("5", "other", "Another person"),
)

WHY_ANONYMOUS = _set(
    "why_anonymous",
    "anonymity-reasons-5",
    ("1", "save_time", "To save time"),
    ("2", "forgot_account", "Account details forgotten"),
    ("3", "no_benefit", "No benefit seen in signing in"),
    ("4", "fear_own_organisation", "Fear of the own organisation"),
    ("5", "fear_other_organisation", "Fear of another organisation"),
    ("6", "reputation", "Fear for reputation or career"),
    ("7", "colleagues", "Fear that colleagues find out"),
    ("8", "other", "Another reason"),
)

FEAR_REASONS = frozenset(
    {"fear_own_organisation", "fear_other_organisation", "reputation", "colleagues"}
)
"""Reasons 4 to 7: their share among anonymous reports is the speak-up measure."""

AGE_BRACKETS = _set(
    "age_bracket",
    "age-brackets-5",
    ("1", "0-14d", "0 to 14 days"),
    ("2", "15-28d", "15 to 28 days"),
    ("3", "1-11m", "1 to 11 months"),
    ("4", "1-4y", "1 to 4 years"),
    ("5", "5-9y", "5 to 9 years"),
    ("6", "10-15y", "10 to 15 years"),
    ("7", "16-17y", "16 and 17 years"),
    ("8", "18-25y", "18 to 25 years"),
    ("9", "26-45y", "26 to 45 years"),
    ("10", "46-65y", "46 to 65 years"),
    ("11", "66-85y", "66 to 85 years"),
    ("12", "85y+", "Over 85 years"),
)

GENDERS = _set(
    "gender",
    "gender-5",
    ("1", "female", "Female"),
    ("2", "male", "Male"),
    ("3", "unknown", "Not known"),
    ("4", "withheld_or_other", "Withheld or other"),
)

LEVELS_OF_CONCERN = _set(
    "level_of_concern",
    "worry-scale-5",
    ("5", "very", "Very concerned"),
    ("4", "fairly", "Fairly concerned"),
    ("3", "not_very", "Not very concerned"),
    ("1", "not_at_all", "Not at all concerned"),
)

AGENTS = _set(
    "agent",
    "agent-type-5",
    ("4", "medication", "Medications"),
    ("3", "device", "Devices"),
    ("9", "it_system", "IT systems or software"),
    ("13", "building", "Buildings or infrastructure"),
    ("14", "estates_service", "Estates services"),
    ("11", "blood", "Blood"),
    ("12", "blood_product", "Blood products"),
    ("8", "tissue_or_organ", "Tissues or organs for transplant"),
    ("10", "none", "None of these"),
)

SAFETY_CHALLENGES = _set(
    "safety_challenge",
    "safety-challenges-5",
    ("1", "pressure_ulcer", "Pressure ulcer"),
    ("2", "fall", "Fall"),
    ("3", "self_harm", "Self harm"),
    ("4", "radiotherapy", "Radiotherapy"),
    ("5", "infection", "Healthcare associated infection"),
    ("7", "screening", "Screening"),
    ("6", "none", "None of these"),
)

STRENGTHS_OF_ASSOCIATION = _set(
    "strength_of_association",
    "strength-of-association-5",
    ("6", "caused", "The incident caused it"),
    ("5", "probably", "The incident probably affected it"),
    ("4", "possibly", "The incident possibly affected it"),
    ("3", "not_related", "Not related"),
    ("2", "unknown", "Not known"),
)

# How a commissioner finds out; how deep a set of modes goes is derived by a rule elsewhere.
ASSURANCE_MODES = _set(
    "assurance_mode",
    None,
    (None, "desk_review", "Desk review"),
    (None, "data_review", "Data review"),
    (None, "phone_or_meeting", "Call or meeting"),
    (None, "leadership_meeting", "Meeting with leaders"),
    (None, "staff_conversation", "Conversation with staff"),
    (None, "patient_or_family_conversation", "Conversation with patients or family"),
    (None, "direct_observation", "Direct observation"),
    (None, "site_visit", "Site visit"),
)

VALUE_SETS = MappingProxyType(
    {
        one.id: one
        for one in (
            EVENT_KINDS,
            SERVICE_AREAS,
            REPORTER_TYPES,
            WHY_ANONYMOUS,
            AGE_BRACKETS,
            GENDERS,
            LEVELS_OF_CONCERN,
            AGENTS,
            SAFETY_CHALLENGES,
            STRENGTHS_OF_ASSOCIATION,
            ASSURANCE_MODES,
        )
    }
)
