"""Imports: faults that name line and column, and the real registers counted as published."""

from collections.abc import Callable
from datetime import date

import pytest

from shared.nhs.importing import (
    ADOPTION_COLUMNS,
    ORGANISATION_COLUMNS,
    REGISTER_COLUMNS,
    RELATION_COLUMNS,
    SUCCESSION_COLUMNS,
    parse_adoptions,
    parse_commissioners,
    parse_organisations,
    parse_relations,
    parse_successions,
    parse_trusts,
)
from shared.nhs.organisations import Register

HEADER = "\t".join(REGISTER_COLUMNS)
EVERY_PARSER = [
    (parse_trusts, REGISTER_COLUMNS),
    (parse_commissioners, REGISTER_COLUMNS),
    (parse_organisations, ORGANISATION_COLUMNS),
    (parse_relations, RELATION_COLUMNS),
    (parse_successions, SUCCESSION_COLUMNS),
    (parse_adoptions, ADOPTION_COLUMNS),
]


def table(*lines: str, header: str = HEADER) -> str:
    return "\n".join(("# where this came from", header, *lines, ""))


def ccgs(register: Register, on: date) -> int:
    return sum(one.subkind == "ccg" for one in register.commissioners(on))


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("R01\tA TRUST\t\tY63\tQF7\t2018-13-01\t", "line 3, column open_date: write a day"),
        ("R01\tA TRUST\t\tY63\tQF7\t20180401\t", "line 3, column open_date: write a day"),
        ("R01\tA TRUST\t\tY63\tQF7\t\t", "line 3, column open_date: must not be empty"),
        ("R01\tA TRUST\t\tY63\tQF7\t2018-04-01\t2018-03-31", "line 3, column close_date: must"),
        ("r 1\tA TRUST\t\tY63\tQF7\t2018-04-01\t", "line 3, column code: a code is"),
        ("R01\t\t\tY63\tQF7\t2018-04-01\t", "line 3, column name: must not be empty"),
        ("R01\tA TRUST\t\tY 63\tQF7\t2018-04-01\t", "line 3, column region_current: a code is"),
        ("R01\tA TRUST", "line 3: 7 columns are needed, 2 were found"),
    ],
)
def test_a_fault_names_line_and_column(line: str, fault: str) -> None:
    parsed = parse_trusts(table(line, "R02\tANOTHER\t\t\t\t2018-04-01\t"))
    assert [str(one)[: len(fault)] for one in parsed.faults] == [fault]
    assert {row.code for row in parsed.rows} == {"R02"}


@pytest.mark.parametrize(("parse", "columns"), EVERY_PARSER)
def test_a_wrong_header_is_one_fault(
    parse: Callable[[str], object], columns: tuple[str, ...]
) -> None:
    for text in ("", "# only a comment\n", "a,b,c\n1,2,3\n", "\x00\xff\n", "\t".join(columns[1:])):
        parsed = parse(text)
        assert not parsed.rows  # type: ignore[attr-defined] # every parser gives a Parsed
        assert len(parsed.faults) == 1  # type: ignore[attr-defined] # as above


@pytest.mark.parametrize(("parse", "columns"), EVERY_PARSER)
def test_noise_makes_faults_and_no_traceback(
    parse: Callable[[str], object], columns: tuple[str, ...]
) -> None:
    lines = ["\t".join([noise] * len(columns)) for noise in ("", "?", "9999-99-99", "x" * 300)]
    parsed = parse("\t".join(columns) + "\n" + "\n".join(lines))
    assert not parsed.rows  # type: ignore[attr-defined] # every parser gives a Parsed
    assert len(parsed.faults) == 3  # type: ignore[attr-defined] # the empty line is passed over


def test_windows_line_ends_and_a_byte_order_mark_are_no_matter() -> None:
    text = "\ufeff" + table("R01\tA TRUST\tOLD TRUST\t\t\t2018-04-01\t").replace("\n", "\r\n")
    parsed = parse_trusts(text)
    assert not parsed.faults
    register = Register.of(parsed.rows)
    assert register.name("R01", date(2018, 12, 19)) == "OLD TRUST"
    assert register.name("R01", date(2020, 1, 1)) == "A TRUST"


def test_kinds_of_commissioner_are_told_apart() -> None:
    text = table(
        "03N\tNHS SOUTH YORKSHIRE ICB - 03N\tNHS SHEFFIELD CCG\tY63\tQF7\t2013-04-01\t",
        "13R\tLONDON COMMISSIONING HUB\t\tY63\tQWO\t2013-04-01\t",
        "A4R1E\tNEWHAM - SUB-ICB REPORTING ENTITY\t\tY56\tQMF\t2024-04-01\t",
    )
    register = Register.of(parse_commissioners(text).rows)
    sheffield = register.require("03N", date(2018, 12, 19))
    assert (sheffield.kind, sheffield.subkind) == ("commissioner", "ccg")
    assert sheffield.name == "NHS SHEFFIELD CCG"
    assert sheffield.parent is None
    place = register.require("03N", date(2022, 7, 1))
    assert (place.kind, place.subkind) == ("sub_icb", None)
    assert register.require("13R", date(2018, 12, 19)).subkind == "hub"
    assert register.require("A4R1E", date(2024, 4, 1)).subkind == "reporting_entity"
    icb = register.require("QF7", date(2022, 7, 1))
    assert (icb.subkind, icb.name) == ("icb", "NHS SOUTH YORKSHIRE ICB")
    assert register.get("QF7", date(2022, 6, 30)) is None


def test_relations_read_scope_and_days() -> None:
    header = "\t".join(RELATION_COLUMNS)
    parsed = parse_relations(
        table(
            "RHQ\t03N\tlead\tall\t2013-04-01\t2022-06-30",
            "RHQ\t13V\tspecialised\tprison, acute\t2015-04-01\t",
            "RHQ\t03N\tboss\tall\t2013-04-01\t",
            "RHQ\t03N\tlead\teverything\t2013-04-01\t",
            "RHQ\t03N\tlead\tall\t2013-04-01\t2013-03-31",
            header=header,
        )
    )
    assert [one.scope for one in parsed.rows] == [frozenset(), frozenset({"prison", "acute"})]
    assert parsed.rows[0].to == date(2022, 6, 30)
    assert [(one.line, one.column) for one in parsed.faults] == [
        (5, "role"),
        (6, "scope"),
        (7, "to"),
    ]


def test_successions_and_adoptions_are_read() -> None:
    parsed = parse_successions(
        table("05L\tD2P2L\t2021-04-01", "05L\t05L\t2021-04-01", header="from\tto\ton")
    )
    assert [(one.from_, one.to, one.on) for one in parsed.rows] == [
        ("05L", "D2P2L", date(2021, 4, 1))
    ]
    assert [(one.line, one.column) for one in parsed.faults] == [(4, "to")]
    adoptions = parse_adoptions(
        table(
            "RHQ\tPSIRF2022\t2023-09-01",
            "RHQ\tNRLS\t2023-09-01",
            header="\t".join(ADOPTION_COLUMNS),
        )
    )
    assert [one.framework for one in adoptions.rows] == ["PSIRF2022"]
    assert [str(one) for one in adoptions.faults] == [
        "line 4, column framework: must be one of SIF2015, PSIRF2022"
    ]


@pytest.mark.parametrize(("day", "trusts"), [(date(2018, 3, 31), 231), (date(2018, 12, 19), 226)])
def test_trusts_of_the_real_register(
    day: date, trusts: int, reference_file: Callable[[str], str]
) -> None:
    parsed = parse_trusts(reference_file("trusts.tsv"))
    assert parsed.faults == ()
    register = Register.of(parsed.rows)
    found = register.open_on(day, "trust")
    assert len(found) == trusts
    assert sum(register.current(one.code).region is None for one in found) == 3
    assert all(one.region is None for one in found)


@pytest.mark.parametrize(
    ("day", "kind", "count"),
    [
        (date(2018, 3, 31), "ccg", 207),
        (date(2018, 4, 1), "ccg", 195),
        (date(2022, 6, 30), "ccg", 106),
        (date(2022, 7, 1), "ccg", 0),
        (date(2022, 7, 1), "icb", 42),
        (date(2022, 7, 1), "place", 106),
    ],
)
def test_commissioners_of_the_real_register(
    day: date, kind: str, count: int, reference_file: Callable[[str], str]
) -> None:
    parsed = parse_commissioners(reference_file("commissioners.tsv"))
    assert parsed.faults == ()
    register = Register.of(parsed.rows)
    places = sum(one.subkind is None for one in register.open_on(day, "sub_icb"))
    found = {
        "ccg": ccgs(register, day),
        "icb": sum(one.subkind == "icb" for one in register.commissioners(day)),
        "place": places,
    }
    assert found[kind] == count
