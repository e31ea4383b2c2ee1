"""Published national never-event figures, with source, period and standing, to be shown as such."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedCount:
    """Never events of one type in England in one financial year, as published."""

    year: str
    list_id: str
    code: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedTotal:
    """The published total of a financial year.

    A figure without the day it was known on is not a fact, so `known` says what the source did.
    """

    year: str
    total: int
    provisional: bool
    known: str
    source: str


SOURCE_2023_24 = (
    "NHS England, provisional never events data, incidents of 1 April 2023 to 31 March 2024, "
    "as summarised publicly in 2024"
)
LIST_2023_24 = "2021-04-01"

_COUNTS_2023_24 = {
    "1": 179,
    "3": 81,
    "2": 37,
    "13": 22,
    "5": 20,
    "12": 10,
    "6": 10,
    "15": 3,
    "7": 3,
    "4": 2,
    "14": 1,
    "10": 1,
    "9": 1,
}

NEVER_EVENTS_2023_24 = tuple(
    PublishedCount(year="2023/24", list_id=LIST_2023_24, code=code, count=count)
    for code, count in _COUNTS_2023_24.items()
)
"""England 2023/24 by type, provisional; most frequent first, without the types that had none."""

TOTAL_2023_24 = 370

_NATIONAL = "accounts of national releases"
_HSJ_2018 = "Health Service Journal, announcement of the CQC review"

PUBLISHED_TOTALS = (
    PublishedTotal(year="2011/12", total=326, provisional=False, known="", source=_NATIONAL),
    PublishedTotal(year="2013/14", total=338, provisional=False, known="", source=_NATIONAL),
    PublishedTotal(year="2014/15", total=311, provisional=True, known="", source=_NATIONAL),
    PublishedTotal(year="2015/16", total=424, provisional=False, known="", source=_HSJ_2018),
    PublishedTotal(
        year="2016/17",
        total=424,
        provisional=True,
        known="September 2017",
        source=_NATIONAL,
    ),
    PublishedTotal(
        year="2016/17", total=442, provisional=False, known="early 2018", source=_HSJ_2018
    ),
    PublishedTotal(
        year="2017/18",
        total=468,
        provisional=True,
        known="2018",
        source="Care Quality Commission, Opening the door to change, December 2018",
    ),
    PublishedTotal(year="2020/21", total=364, provisional=False, known="", source=_NATIONAL),
    PublishedTotal(year="2021/22", total=407, provisional=True, known="", source=_NATIONAL),
    PublishedTotal(
        year="2023/24", total=TOTAL_2023_24, provisional=True, known="2024", source=SOURCE_2023_24
    ),
)
