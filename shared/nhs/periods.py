"""Financial years of the NHS, 1 April to 31 March, by the label that publications print."""

import re
from datetime import date

_LABEL = re.compile(r"(\d{4})/(\d{2})", re.ASCII)
_APRIL = 4


def financial_year(label: str) -> tuple[date, date]:
    """First and last day of a year such as "2023/24". Raises ValueError for any other shape."""
    found = _LABEL.fullmatch(label)
    if found is None or (int(found[1]) + 1) % 100 != int(found[2]):
        raise ValueError("a financial year reads like 2023/24")
    first = int(found[1])
    return date(first, 4, 1), date(first + 1, 3, 31)


def financial_year_of(day: date) -> str:
    """The label of the financial year that a London day falls in."""
    first = day.year if day.month >= _APRIL else day.year - 1
    return f"{first}/{(first + 1) % 100:02d}"
