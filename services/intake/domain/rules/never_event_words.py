"""Words in an account that make a rule ask whether it was a never event; it decides nothing."""

import re
from collections.abc import Mapping
from datetime import date

from shared.nhs.never_events import NeverEventList, NoListInForce, list_on

RULE = "never-event-words-1"
"""The rule's name and version: ours, from the titles of the lists."""

WORDS: Mapping[str, tuple[str, ...]] = {
    "1": ("wrong site|wrong side|wrong patient|wrong level|wrong tooth",),
    "2": ("wrong|incorrect", "implant|prosthesis|intraocular lens"),
    "3": (
        "retained|left inside|left behind",
        "swab|needle|guide ?wire|instrument|foreign (object|body)",
    ),
    "4": ("potassium", "mis-?selected|selected in error|wrong (ampoule|vial)"),
    "5": ("wrong route|intravenous(ly)? instead|instead of oral(ly)?",),
    "6": (
        "insulin",
        "ten ?times|ten-?fold|abbreviat\\w+|(not an|wrong|incorrect) (insulin )?syringe",
    ),
    "7": ("methotrexate", "overdose|daily instead|each day instead|wrong dose"),
    "8": ("midazolam", "high[- ]strength|mis-?selected|wrong strength"),
    "9": ("(shower|curtain) rail", "collapse|ligature"),
    "10": ("fell|fall", "window"),
    "11": ("bed ?rails?", "entrap\\w*|trapped"),
    "12": ("ABO[- ]incompatible|wrong blood|incompatible (blood|organ)",),
    "13": ("(naso|oro)-?gastric", "misplaced|in the (lung|airway|bronchus)"),
    "14": ("scald\\w*",),
    "15": ("oxygen", "air (flow ?meter|outlet)|medical air|piped air"),
}
"""By type, patterns that must all occur. Type 16 is suspended and so proposed by nothing."""

_PATTERNS = {
    code: tuple(re.compile(rf"\b(?:{one})\b", re.IGNORECASE) for one in patterns)
    for code, patterns in WORDS.items()
}


def list_of(day: date) -> NeverEventList | None:
    """The list in force on a London day; None before the first one held."""
    try:
        return list_on(day)
    except NoListInForce:
        return None


def type_in_words(account: str, day: date) -> str | None:
    """The first type whose words all occur, if that day's list counted it."""
    on_list = list_of(day)
    counted = {one.code for one in on_list.counted} if on_list else set()
    for code, patterns in _PATTERNS.items():
        if code in counted and all(one.search(account) for one in patterns):
            return code
    return None
