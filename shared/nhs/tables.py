"""Reads tab-separated tables so that a fault is a line, a column and a sentence, no traceback."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What is wrong where: lines count from 1, as an editor does; no column: the whole line."""

    line: int
    column: str | None
    message: str

    def __str__(self) -> str:
        place = f"line {self.line}" + (f", column {self.column}" if self.column else "")
        return f"{place}: {self.message}"


class BadCell(ValueError):
    """One cell cannot be read; it becomes a Fault."""

    def __init__(self, column: str, message: str) -> None:
        super().__init__(message)
        self.column = column


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed(Generic[T]):
    """What could be read, and what could not; a caller refuses or reports, as it must."""

    rows: tuple[T, ...]
    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One data line of a table, by column name; cells are trimmed."""

    number: int
    cells: Mapping[str, str]

    def text(self, column: str) -> str:
        """The cell, which may not be empty. Raises BadCell."""
        if not self.cells[column]:
            raise BadCell(column, "must not be empty")
        return self.cells[column]

    def optional(self, column: str) -> str | None:
        """The cell, or None when empty."""
        return self.cells[column] or None

    def code(self, column: str) -> str:
        """An organisation code: 2 to 12 capitals and digits. Raises BadCell."""
        text = self.text(column)
        if not (
            2 <= len(text) <= 12 and text.isascii() and text.isalnum() and text == text.upper()
        ):
            raise BadCell(column, "a code is 2 to 12 capital letters and digits")
        return text

    def day(self, column: str) -> date:
        """A day written YYYY-MM-DD. Raises BadCell."""
        return _day(column, self.text(column))

    def optional_day(self, column: str) -> date | None:
        """A day, or None when empty. Raises BadCell."""
        return _day(column, self.cells[column]) if self.cells[column] else None

    def one_of(self, column: str, words: Sequence[str]) -> str:
        """One of some words. Raises BadCell naming them."""
        text = self.text(column)
        if text not in words:
            raise BadCell(column, f"must be one of {', '.join(words)}")
        return text

    def fault(self, error: BadCell) -> Fault:
        """The fault of this line that an unreadable cell makes."""
        return Fault(line=self.number, column=error.column, message=str(error))


def read_table(text: str, columns: Sequence[str]) -> Iterator[Line | Fault]:
    """Each data line of a table with exactly these columns, or the fault found in its place.

    Lines starting with `#` and blank lines are passed over; the first other line is the header.
    A wrong header is one fault, and nothing after it is read.
    """
    header_seen = False
    for number, raw in enumerate(text.removeprefix("\ufeff").split("\n"), start=1):
        cells = [cell.strip() for cell in raw.rstrip("\r").split("\t")]
        if raw.startswith("#") or not any(cells):
            continue
        if header_seen:
            yield _line(number, cells, columns)
        elif cells == list(columns):
            header_seen = True
        else:
            yield _fault(number, f"the header must read: {', '.join(columns)}, separated by tabs")
            return
    if not header_seen:
        yield _fault(1, f"the table is empty: a header is needed ({', '.join(columns)})")


def _line(number: int, cells: list[str], columns: Sequence[str]) -> Line | Fault:
    if len(cells) != len(columns):
        return _fault(number, f"{len(columns)} columns are needed, {len(cells)} were found")
    return Line(number=number, cells=dict(zip(columns, cells, strict=True)))


def _fault(number: int, message: str) -> Fault:
    return Fault(line=number, column=None, message=message)


def _day(column: str, text: str) -> date:
    try:
        # fromisoformat alone would also take 20180401 and 2018-W14-1.
        if len(text) == len("2018-04-01") and text[4] == text[7] == "-":
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise BadCell(column, "write a day as YYYY-MM-DD, such as 2018-12-19")
