"""Small words that several pages need."""

from inspect import cleandoc


def sentences(text: str | None) -> str:
    """A docstring as one line."""
    return " ".join(cleandoc(text or "").split())


def cell(text: str) -> str:
    """What may stand in a cell of a table."""
    return text.replace("|", "\\|").replace("\n", " ")
