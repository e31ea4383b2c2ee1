"""Identifiers of persons where only codes belong: an NHS number, telephone, e-mail, postcode."""

from shared.privacy.folding import fold
from shared.privacy.screening import KINDS

_RULES = tuple(KINDS[one].rule for one in ("nhs_number", "telephone", "email", "postcode"))


def holds_identifier(text: str) -> bool:
    """Whether the screen's rules find any of the four in it."""
    plain = text if text.isascii() else fold(text)
    return any(True for rule in _RULES for _ in rule(plain))
