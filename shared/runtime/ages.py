"""How long something lasts, for people."""

from datetime import timedelta

from shared.runtime.counting import counted

_UNITS = (("days", 86_400), ("hours", 3_600), ("minutes", 60))


def age(lasting: timedelta) -> str:
    """In the largest unit of which it fills two, such as `3 days`; never below 0."""
    seconds = max(int(lasting.total_seconds()), 0)
    for unit, length in _UNITS:
        if seconds >= 2 * length:
            return f"{seconds // length} {unit}"
    return counted(seconds, "second")
