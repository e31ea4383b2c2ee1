"""Rules on words: e-mail addresses, postcodes, dates of birth and names after a title."""

import re
from collections.abc import Iterable, Iterator

Span = tuple[int, int]

# Patterns begin with a set of characters where they can: the engine then skips quickly to one.
_AT = re.compile(r"[@\[(](?:(?<=@)|[Aa][Tt][\])] ?)")
_LOCAL_LIMIT = 64
_DOMAIN = re.compile(r"[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")

# Royal Mail's postcode areas; GIR and BFPO stand outside the scheme.
POSTCODE_AREAS = frozenset(
    """
    AB AL B BA BB BD BF BH BL BN BR BS BT BX CA CB CF CH CM CO CR CT CV CW DA DD DE DG DH DL DN DT
    DY E EC EH EN EX FK FY G GL GU GY HA HD HG HP HR HS HU HX IG IM IP IV JE KA KT KW KY L LA LD LE
    LL LN LS LU M ME MK ML N NE NG NN NP NR NW OL OX PA PE PH PL PO PR RG RH RM S SA SE SG SK SL SM
    SN SO SP SR SS ST SW SY TA TD TF TN TQ TR TS TW UB W WA WC WD WF WN WR WS WV YO ZE
    """.split()
)
_INWARD = re.compile(r"[0-9][ABD-HJLNP-UW-Zabd-hjlnp-uw-z]{2}(?![A-Za-z0-9])")
_OUTWARD = re.compile(r"(?<![A-Za-z0-9])([A-Za-z]{1,2})[0-9][0-9A-Za-z]?[ -]{0,3}\Z")
_OUTWARD_REACH = 8

_BIRTH = re.compile(
    r"\bd\.? ?o\.? ?b\b|\bdate {1,3}of {1,3}birth\b|\bbirth ?-?date\b|\bbirthday\b|\bborn\b",
    re.ASCII | re.IGNORECASE,
)
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}"
_DATE = re.compile(
    rf"""(?<!\d)(?:
        \d{{4}}[-/.]\d{{1,2}}[-/.]\d{{1,2}}
      | \d{{1,2}}\ ?[-/.\ ]\ ?\d{{1,2}}\ ?[-/.\ ]\ ?(?:\d{{4}}|\d{{2}})
      | \d{{1,2}}(?:st|nd|rd|th)?[ -]{{0,2}}(?:of\ )?{_MONTH}(?:[,. -]{{1,2}}(?:\d{{4}}|\d{{2}}))?
      | {_MONTH}\ \d{{1,2}}(?:st|nd|rd|th)?(?:,?\ \d{{4}})?
      | \d{{8}} | \d{{6}}
    )(?!\d)""",
    re.ASCII | re.IGNORECASE | re.VERBOSE,
)
_AFTER_CUE = 40
_BEFORE_CUE = 12
_DATE_LENGTH = 30

# A title that is nothing else in clinical prose takes a name in small letters too.
SURE_TITLES = frozenset({"mr", "mrs"})
TITLES = SURE_TITLES | frozenset(
    """
    ms miss mx dr doctor prof professor sir dame lady lord rev reverend father sister nurse matron
    midwife
    """.split()
)
_TITLE = re.compile(r"([DFLMNPRSdflmnprs](?<!\w.)[A-Za-z]{1,8})(?!\w)\.?")
_STATED = re.compile(r"[KNkn](?:nown as|NOWN AS|ame is|AME IS|ame ?:|AME ?:)")
_WORD = re.compile(r"[ \t]{0,3}([^\W\d_][\w'’-]{0,40}\.?)")
_PARTICLES = frozenset("al bin da de del della den der di du el la le ten ter van von".split())
# MR is magnetic resonance too, and a title may stand without a name.
_NOT_NAMES = frozenset(
    """
    a an and angiogram angiography are arthrogram as at by cholangiogram did enterography for from
    had has have image images imaging in is on or scan scanner scanning scans sequence spectroscopy
    that the to venogram was were who will with
    """.split()
)
_NAME_WORDS = 4


def emails(text: str) -> Iterable[Span]:
    """Addresses with a dotted domain, `(at)` for the sign included."""
    for sign in _AT.finditer(text):
        start = sign.start() - (text[sign.start() - 1 : sign.start()] == " " and sign[0] != "@")
        floor = max(0, start - _LOCAL_LIMIT)
        while start > floor and (text[start - 1].isalnum() or text[start - 1] in "._%+'-"):
            start -= 1
        domain = _DOMAIN.match(text, sign.end())
        if start < sign.start() and text[start] != " " and domain:
            yield start, domain.end()


def postcodes(text: str) -> Iterable[Span]:
    """Full postcodes of a living area, in any case, with or without the space."""
    for inward in _INWARD.finditer(text):
        floor = max(0, inward.start() - _OUTWARD_REACH)
        outward = _OUTWARD.search(text, floor, inward.start())
        if outward and outward[1].upper() in POSTCODE_AREAS:
            yield outward.start(), inward.end()


def birth_dates(text: str) -> Iterable[Span]:
    """Dates within a few words of a cue such as "born"; an age is no date."""
    for cue in _BIRTH.finditer(text):
        yield from _date_within(text, cue.end(), _AFTER_CUE)
        yield from _date_within(text, max(0, cue.start() - _DATE_LENGTH), _DATE_LENGTH, cue.start())


def _date_within(text: str, start: int, reach: int, before: int | None = None) -> Iterator[Span]:
    """The first date that begins within `reach` of `start`; or the dates that end just `before`."""
    end = start + reach + _DATE_LENGTH if before is None else before
    for found in _DATE.finditer(text, start, end):
        if before is not None and before - found.end() > _BEFORE_CUE:
            continue
        if found.start() - start <= reach:
            yield found.span()
            return


def names(text: str) -> Iterable[Span]:
    """A title and the capitalised words after it, or the words after "name is"."""
    for title in _TITLE.finditer(text):
        word = title[1].lower()
        if word in TITLES and (end := _name_end(text, title.end(), word in SURE_TITLES)):
            yield title.start(), end
    for stated in _STATED.finditer(text):
        if end := _name_end(text, stated.end(), False):
            yield stated.end(), end


def _name_end(text: str, at: int, small_too: bool) -> int | None:
    end = None
    for _ in range(_NAME_WORDS):
        found = _WORD.match(text, at)
        if not found:
            break
        word = found[1].rstrip(".")
        if word[0].isupper() and (len(word) == 1 or word.lower() not in _NOT_NAMES):
            end = found.end(1) if len(word) == 1 else found.start(1) + len(word)
        elif word.lower() not in _PARTICLES:
            small = small_too and end is None and len(word) > 1 and word.lower() not in _NOT_NAMES
            return found.start(1) + len(word) if small else end
        at = found.end()
        if found[1].endswith(".") and len(word) > 1:
            break
    return end
