"""Settings as people may see them: secrets masked, and what is set in vain named."""

import os
import re
from collections.abc import Collection, Iterable
from difflib import get_close_matches

import structlog

from shared.runtime.settings import Settings

log = structlog.get_logger("runtime")

PREFIX = "OPENDOOR_"
_LOGIN = re.compile(r"://[^/?#]*@")
_SECRETS = re.compile(r"(?i)(pass(?:word|file)?|secret|token)=[^&]*")


def masked(text: str) -> str:
    """A URL without its login and passwords."""
    return _SECRETS.sub(r"\1=***", _LOGIN.sub("://***@", text))


def shown_settings(settings: Settings) -> dict[str, str | None]:
    """Every setting as it was read, masked and as its variable would have it; None where it is
    not set."""
    return {f"{PREFIX}{name.upper()}": _shown(one) for name, one in settings.model_dump().items()}


def _shown(value: object) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else masked(str(value))


def unknown_settings(names: Iterable[str]) -> list[str]:
    """A sentence for each variable that looks like a setting and is none."""
    strange = sorted(name for name in names if name.upper().startswith(PREFIX))
    known = {name.upper() for name in Settings.model_fields}
    return [_unknown(name, known) for name in strange if name.upper()[len(PREFIX) :] not in known]


def _unknown(name: str, known: Collection[str]) -> str:
    meant = get_close_matches(name.upper()[len(PREFIX) :], sorted(known), 1)
    return f"{name} is no setting{f': is {PREFIX}{meant[0]} meant?' if meant else '.'}"


def warn_of_unknown() -> None:
    """Logs each variable of this process's environment that is set in vain."""
    for one in unknown_settings(os.environ):
        log.warning("setting_unknown", detail=one)
