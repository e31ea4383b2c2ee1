"""The table of settings in docs/running.md against the class that reads them."""

import re

from shared.runtime.settings import Settings

_ROW = re.compile(r"^\| `(OPENDOOR_\w+)` \| (.+?) \| (.+) \|$", re.MULTILINE)
_IN_WORDS = re.compile(r"^\(.+\)$")
"""A default that is said in words, where the value itself is empty."""


def faults(page: str) -> list[str]:
    """A sentence for each setting that the page lacks, does not have, or tells otherwise."""
    told = {name: default for name, default, _ in _ROW.findall(page)}
    held = {f"OPENDOOR_{name.upper()}": one.default for name, one in Settings.model_fields.items()}
    lacking = [f"docs/running.md lacks the setting {name}." for name in held.keys() - told.keys()]
    extra = [f"docs/running.md has {name}, which is none." for name in told.keys() - held.keys()]
    wrong = [
        f"docs/running.md says that {name} is {default} by default; it is {_shown(held[name])}."
        for name, default in told.items()
        if name in held and not _fits(default, held[name])
    ]
    return sorted([*lacking, *extra, *wrong])


def _fits(told: str, default: object) -> bool:
    if default in ("", None):
        return _IN_WORDS.match(told) is not None
    return told == f"`{_shown(default)}`"


def _shown(default: object) -> str:
    if isinstance(default, float):
        return f"{default:g}"
    return str(default).lower() if isinstance(default, bool) else str(default)
