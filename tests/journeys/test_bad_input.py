"""Bodies that no service takes: each is refused with its own type, the place and a sentence."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from services.demonstration.story_2018 import connected_to_air
from tests.journeys.doors import MARK, Asks, Doors, Headers, json_of

pytestmark = pytest.mark.asyncio(loop_scope="module")

CREATING = (
    Asks(path="/intake/events"),
    Asks(path="/assurance/activities", who=("10Q", "commissioner", "p1")),
    Asks(path="/learning/lessons", who=("X26", "author", "a1")),
)
"""One door of each service."""

UNREADABLE: dict[str, tuple[bytes, str, str | None]] = {
    "no JSON": (b'{"what_happened": "%s' % MARK.encode(), "bad-json", None),
    "words": (MARK.encode(), "bad-json", None),
    "two documents": (b'{} {"a": "%s"}' % MARK.encode(), "bad-json", None),
    "a byte order mark": (b"\xef\xbb\xbf{}", "bad-json", None),
    "another encoding": (f'{{"a": "{MARK}"}}'.encode("utf-16"), "bad-encoding", None),
    "half an encoding": (b'{"a": "\xff%s"}' % MARK.encode(), "bad-encoding", None),
    "a key twice": (b'{"kind": 1, "kind": "%s"}' % MARK.encode(), "duplicate-key", "/kind"),
    "a key twice inside": (
        b'{"patients": [{"number": 1, "number": "%s"}]}' % MARK.encode(),
        "duplicate-key",
        "/patients/0/number",
    ),
    "NUL": (b'{"what_happened": "a\x00%s"}' % MARK.encode(), "nul-character", None),
    "NUL outside text": (b"{\x00}", "nul-character", None),
    "NUL escaped": (
        b'{"what_happened": "a\\u0000%s"}' % MARK.encode(),
        "nul-character",
        "/what_happened",
    ),
    "half a pair": (b'{"location": "\\ud800%s"}' % MARK.encode(), "lone-surrogate", "/location"),
    "not a number": (
        b'{"patients": [{"number": NaN}]}',
        "number-out-of-range",
        "/patients/0/number",
    ),
    "more than finite": (b'{"level": 1e309}', "number-out-of-range", "/level"),
    "more than 64 bits": (b'{"version": 18446744073709551616}', "number-out-of-range", "/version"),
    "10,000 nested arrays": (b"[" * 10_000 + b"]" * 10_000, "too-deep", None),
    "10,000 nested arrays, never closed": (b"[" * 10_000, "too-deep", None),
    "10,000 nested objects": (b'{"a":' * 10_000 + b"1" + b"}" * 10_000, "too-deep", None),
    "65 levels in a field": (b'{"agents":' + b"[" * 65 + b"]" * 65 + b"}", "too-deep", None),
    "a list": (b'["%s"]' % MARK.encode(), "malformed", ""),
    "a text": (b'"%s"' % MARK.encode(), "malformed", ""),
    "nothing": (b"null", "malformed", ""),
}


@pytest.mark.parametrize("asks", CREATING, ids=lambda one: one.path)
@pytest.mark.parametrize("name", UNREADABLE)
async def test_a_body_that_cannot_be_read_is_refused(doors: Doors, asks: Asks, name: str):
    content, slug, pointer = UNREADABLE[name]
    problem = await doors.refused(asks.holding(content), 400, slug, pointer)
    assert problem["title"]


def report(**changed: Any) -> bytes:
    return json_of({**connected_to_air("2018-12-14"), **changed})


def patient(**changed: Any) -> bytes:
    return report(patients=[{"number": 1, **changed}])


LONG = MARK + "x" * 20_000

MISUSED: dict[str, tuple[bytes, str, str]] = {
    "a number for text": (report(what_happened=7731), "malformed", "/what_happened"),
    "text for a list": (report(agents=MARK), "malformed", "/agents"),
    "an object for a list": (report(patients={MARK: 1}), "malformed", "/patients"),
    "text for a number": (patient(number=MARK), "malformed", "/patients/0/number"),
    "digits in quotes": (patient(number="1"), "malformed", "/patients/0/number"),
    "half a number": (patient(number=1.5), "malformed", "/patients/0/number"),
    "a number for yes": (report(data_sharing_opt_out=0), "malformed", "/data_sharing_opt_out"),
    "yes in quotes": (report(data_sharing_opt_out="true"), "malformed", "/data_sharing_opt_out"),
    "a list for an object": (report(reporter=[MARK]), "malformed", "/reporter"),
    "nothing for text": (report(what_happened=None), "malformed", "/what_happened"),
    "an unknown field": (report(severity=MARK), "malformed", "/severity"),
    "an unknown field inside": (patient(nhs_number=MARK), "malformed", "/patients/0/nhs_number"),
    "whose report it is": (report(reported_by="RR8"), "malformed", "/reported_by"),
    "a field left out": (json_of({"kind": "incident"}), "malformed", "/occurred"),
    "a word that is none": (report(kind=MARK), "invalid", "/kind"),
    "digits for a day": (report(occurred="20181219"), "invalid", "/occurred"),
    "seconds for a day": (report(occurred=1545177600), "invalid", "/occurred"),
    "a time without offset": (report(occurred="2018-12-19T08:30:00"), "invalid", "/occurred"),
    "a space for the T": (report(occurred="2018-12-19 08:30:00Z"), "invalid", "/occurred"),
    "a day of the week": (report(occurred="2018-W51-3"), "invalid", "/occurred"),
    "a day that never was": (report(occurred="2018-02-30"), "invalid", "/occurred"),
    "an hour that never was": (report(occurred="2018-12-18T25:00:00Z"), "invalid", "/occurred"),
    "digits of another script": (report(occurred="２０１８-12-18"), "invalid", "/occurred"),
    "a time for a day": (
        report(identified_on="2018-12-18T08:00:00Z"),
        "invalid",
        "/identified_on",
    ),
    "a day to come": (report(occurred="2018-12-20"), "invalid", "/occurred"),
    "a time to come": (report(occurred="2018-12-19T09:00:01Z"), "invalid", "/occurred"),
    "the year 9999": (report(occurred="9999-12-31"), "invalid", "/occurred"),
    "the first of all days": (report(occurred="0001-01-01"), "invalid", "/occurred"),
    "a day before the NHS": (report(occurred="1948-07-04"), "invalid", "/occurred"),
    "a time before the NHS": (report(occurred="1948-07-04T22:59:59Z"), "invalid", "/occurred"),
    "identified in future": (report(identified_on="2018-12-20"), "invalid", "/identified_on"),
    "identified before it was": (report(identified_on="2018-12-13"), "invalid", "/identified_on"),
    "20,001 characters": (report(what_happened=LONG[:20_001]), "invalid", "/what_happened"),
    "501 characters": (report(location=LONG[:501]), "invalid", "/location"),
    "65 of a code": (report(service_area=LONG[:65]), "invalid", "/service_area"),
    "101 in a list": (
        report(patients=[{"number": n} for n in range(1, 102)]),
        "invalid",
        "/patients",
    ),
    "blank text": (report(what_happened="  \n "), "invalid", "/what_happened"),
    "text that nobody sees": (report(what_happened="\u200b\ufeff"), "invalid", "/what_happened"),
    "text of controls": (report(location="\x01\x02"), "invalid", "/location"),
    "a code that is none": (report(service_area=f"{MARK}?"), "invalid", "/service_area"),
    "a code of no list": (report(service_area=MARK), "invalid", "/service_area"),
    "a word of no list": (patient(physical_harm=MARK), "invalid", "/patients/0/physical_harm"),
    "a patient twice": (
        report(patients=[{"number": 1}, {"number": 1}]),
        "invalid",
        "/patients",
    ),
}


@pytest.mark.parametrize("name", MISUSED)
async def test_a_field_that_does_not_fit_is_pointed_at(doors: Doors, name: str):
    content, slug, pointer = MISUSED[name]
    status = 400 if slug == "malformed" else 422
    await doors.refused(Asks(content=content), status, slug, pointer)


async def test_every_field_at_fault_is_named_at_once(doors: Doors):
    content = report(kind=MARK, occurred="20181219", severity=MARK)
    problem = await doors.refused(Asks(content=content), 400, "malformed")
    assert {one["pointer"] for one in problem["errors"]} == {"/kind", "/occurred", "/severity"}


async def test_a_field_named_like_a_patient_is_not_named_back(doors: Doors):
    problem = await doors.refused(
        Asks(content=report(**{f"{MARK} born 1950": True})), 400, "malformed", ""
    )
    assert len(problem["errors"]) == 1


async def pieces(size: int, piece: bytes = b" " * 4096) -> AsyncIterator[bytes]:
    """A body without a length, which says nothing until it has said too much."""
    yield b'{"what_happened": "%s' % MARK.encode()
    for _ in range(size // len(piece)):
        yield piece
        await asyncio.sleep(0)


@pytest.mark.parametrize("asks", CREATING, ids=lambda one: one.path)
async def test_a_body_over_a_mebibyte_is_refused(doors: Doors, asks: Asks):
    large = report(what_happened=MARK + "x" * 2**20)
    await doors.refused(asks.holding(large), 413, "too-large")


@pytest.mark.parametrize("asks", CREATING, ids=lambda one: one.path)
async def test_a_body_over_a_mebibyte_in_chunks_is_refused(doors: Doors, asks: Asks):
    await doors.refused(asks.holding(pieces(2**20 + 4096)), 413, "too-large")


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "text/plain"},
        {"Content-Type": None},
        {"Content-Type": "application/json; charset=latin1"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Encoding": "gzip"},
    ],
)
async def test_another_kind_of_body_is_refused(doors: Doors, headers: Headers):
    await doors.refused(Asks(content=report(), headers=headers), 415, "unsupported-media-type")


async def test_what_is_just_within_the_limits_is_taken(doors: Doors):
    wide = {
        "what_happened": "x" * 20_000,
        "location": "x" * 500,
        "patients": [{"number": n} for n in range(1, 101)],
        "occurred": "2018-12-19T09:00:00Z",
    }
    body = report(**wide)
    taken = await doors.send(Asks(content=body + b" " * (2**20 - len(body))))
    assert taken.status_code == 201, taken.text
