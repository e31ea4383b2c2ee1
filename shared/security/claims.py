"""What a token says, under whatever names an issuer gives it (M6)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from shared.kernel.errors import NotAuthenticated

_END_OF_TIME = datetime.max.replace(tzinfo=UTC).timestamp() - timedelta(days=2).total_seconds()
"""Days before the last instant that Python has, so that sums with it stay within."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimNames:
    """Where an issuer puts what we need; a list or a text with spaces serves for many.

    `client` names alternatives, the first present wins. `spelling` maps an issuer's scopes to
    ours (`intake/read`); others are taken as they are.
    """

    person: str = "sub"
    client: tuple[str, ...] = ("client_id", "azp")
    organisation: str = "organisation"
    organisations: str = "organisations"
    roles: str = "roles"
    scopes: tuple[str, ...] = ("scope", "scp")
    spelling: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """A verified token's content; `expires_at` and `not_before` in unix seconds."""

    person: str
    client: str
    organisations: tuple[str, ...]
    roles: frozenset[str]
    scopes: frozenset[str]
    expires_at: float
    not_before: float


def read_claims(raw: Mapping[str, Any], names: ClaimNames) -> Claims:
    """Raises NotAuthenticated (`token-malformed`) for a claim that is missing or misshapen."""
    person = _text(raw, names.person)
    client = next((_text(raw, one) for one in names.client if one in raw), person)
    one = _words(raw, names.organisation)
    scopes = {word for name in names.scopes for word in _words(raw, name)}
    return Claims(
        person=person,
        client=client,
        organisations=tuple(dict.fromkeys((*one, *_words(raw, names.organisations)))),
        roles=frozenset(_words(raw, names.roles)),
        scopes=frozenset(names.spelling.get(scope, scope) for scope in scopes),
        expires_at=_moment(raw, "exp"),
        not_before=_moment(raw, "nbf") if "nbf" in raw else float("-inf"),
    )


def audiences(raw: Mapping[str, Any]) -> tuple[str, ...]:
    """For whom a token is: a text, or a list of texts."""
    given = raw.get("aud")
    if isinstance(given, list):
        return tuple(one for one in given if isinstance(one, str))
    return (given,) if isinstance(given, str) else ()


def _text(raw: Mapping[str, Any], name: str) -> str:
    given = raw.get(name)
    if not isinstance(given, str) or not given or not given.isprintable():
        raise NotAuthenticated("token-malformed", f"The token's claim {name} is not a text.")
    return given


def _words(raw: Mapping[str, Any], name: str) -> tuple[str, ...]:
    given = raw.get(name, [])
    words = given.split() if isinstance(given, str) else given
    if not isinstance(words, list) or not all(_is_word(word) for word in words):
        raise NotAuthenticated("token-malformed", f"The token's claim {name} is no list of texts.")
    return tuple(words)


def _is_word(word: object) -> bool:
    return isinstance(word, str) and word.isprintable()


def _moment(raw: Mapping[str, Any], name: str) -> float:
    given = raw.get(name)
    # NaN compares false, and an integer of any size can be compared.
    if (
        isinstance(given, bool)
        or not isinstance(given, int | float)
        or not 0 <= given < _END_OF_TIME
    ):
        raise NotAuthenticated("token-malformed", f"The token's claim {name} is not a time.")
    return float(given)
