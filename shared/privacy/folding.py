"""Folding: one character for one, so that a rule reads every spelling and positions still hold."""

import unicodedata

_DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2043\u2212\ufe58\ufe63\uff0d\u00ad"
_INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff\u180e"


def _folded(character: str) -> str:
    if character in "\n\r":
        return character
    if character in _DASHES:
        return "-"
    if character.isspace() or character in _INVISIBLE:
        return " "
    if character.isdecimal():
        return str(unicodedata.decimal(character))
    plain = unicodedata.normalize("NFKC", character)
    return plain if len(plain) == 1 else character


class _Folding(dict[int, str]):
    """Learns each character at its first sight; there are only so many in use."""

    def __missing__(self, code: int) -> str:
        plain = self[code] = _folded(chr(code))
        return plain


_TABLE = _Folding()


def fold(text: str) -> str:
    """The same text, as long, with plain digits, hyphens, spaces and full-width letters."""
    return text.translate(_TABLE)
