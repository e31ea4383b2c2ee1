"""How a small count is told: a few incidents could point at one ward."""

SMALLEST = 5
"""Counts below five are told as such, by the usual rule of NHS publications."""


def told_count(count: int) -> str:
    """The count as text, or "under 5"."""
    return str(count) if count >= SMALLEST else f"under {SMALLEST}"
