"""Where flagged passages lie after a text was mended."""

from dataclasses import dataclass
from typing import Protocol


class Span(Protocol):
    """A stretch of text, from `start` up to `end`."""

    @property
    def start(self) -> int: ...

    @property
    def end(self) -> int: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Splice:
    """A replacement of the characters from `start` up to `end` by `text`."""

    start: int
    end: int
    text: str

    @property
    def shift(self) -> int:
        """By how many characters what follows moves."""
        return len(self.text) - (self.end - self.start)

    def applied(self, whole: str) -> str:
        """The whole text with the replacement in it."""
        return whole[: self.start] + self.text + whole[self.end :]

    def touches(self, span: Span) -> bool:
        """Whether the replaced stretch and the span share a character."""
        return span.start < self.end and self.start < span.end
