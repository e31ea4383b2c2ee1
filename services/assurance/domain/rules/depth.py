"""How deep an assurance activity went, derived from its modes by a versioned rule."""

from collections.abc import Iterable
from typing import Literal

from shared.nhs.codes import ASSURANCE_MODES

Mode = Literal[
    "desk_review",
    "data_review",
    "phone_or_meeting",
    "leadership_meeting",
    "staff_conversation",
    "patient_or_family_conversation",
    "direct_observation",
    "site_visit",
]
MODES: tuple[str, ...] = ASSURANCE_MODES.words

RULE = "depth-1"
"""The rule in force; a new one gets a new name, and what was derived keeps its own."""

PAPER, DIALOGUE, PRESENCE, PRESENCE_WITH_VOICES = range(4)

_BY_MODE = {
    "desk_review": PAPER,
    "data_review": PAPER,
    "phone_or_meeting": DIALOGUE,
    "leadership_meeting": DIALOGUE,
    "staff_conversation": DIALOGUE,
    "patient_or_family_conversation": DIALOGUE,
    "direct_observation": PRESENCE,
    "site_visit": PRESENCE,
}
_BOTH_VOICES = frozenset({"staff_conversation", "patient_or_family_conversation"})


def depth_of(modes: Iterable[str]) -> int:
    """0 paper, 1 dialogue, 2 presence where care is given, 3 presence and both conversations.

    Raises KeyError for a mode that the rule does not know; nothing at all is paper.
    """
    given = frozenset(modes)
    deepest = max((_BY_MODE[mode] for mode in given), default=PAPER)
    if deepest == PRESENCE and given >= _BOTH_VOICES:
        return PRESENCE_WITH_VOICES
    return deepest
