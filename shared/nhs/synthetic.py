"""A synthetic England for demonstration, development and tests, under codes no register holds.

Everything follows from a number by arithmetic, so the same organisation is the same in every run.
"""

from collections.abc import Iterator
from datetime import date
from functools import cache

from shared.nhs.importing import ICBS_FROM
from shared.nhs.organisations import Register, Row
from shared.nhs.relations import Relation, Succession

PREFIX = "DEMO"
"""Begins every synthetic code; no published code begins so."""

TRUSTS = 104
INDEPENDENT = 16
PRIMARY_CARE = 3
OTHER_PROVIDERS = 3
CCGS = 28
ICBS = 10
HUBS = 3
REGIONS = 4
NATIONAL = 3
REGULATORS = 3
INVESTIGATORS = 3

BEGINNING = date(2013, 4, 1)
"""The first day of the synthetic organisations, as of the CCGs: there is nothing before."""

_CCGS_UNTIL = date(2022, 6, 30)

# What a hub buys for everybody: justice, primary care and specialised services.
_HUB_SCOPES = (
    frozenset({"prison"}),
    frozenset({"community_pharmacy", "community_optometry", "community_dentistry"}),
    frozenset({"learning_disability_autism"}),
)


def is_synthetic(code: str) -> bool:
    """Whether a code is one of ours, and all that hangs on it marked as synthetic data."""
    return code.startswith(PREFIX)


def trust(n: int) -> str:
    """The code of Demonstration Trust n, from 1 to TRUSTS."""
    return f"{PREFIX}T{n:02d}"


def independent(n: int) -> str:
    """The code of Demonstration Independent Provider n, from 1 to INDEPENDENT."""
    return f"{PREFIX}P{n:02d}"


def ccg(n: int) -> str:
    """The code of Demonstration CCG n, from 1 to CCGS; from July 2022 a place of its ICB."""
    return f"{PREFIX}C{n:02d}"


def icb(n: int) -> str:
    """The code of Demonstration ICB n, from 1 to ICBS; open from 1 July 2022."""
    return f"{PREFIX}B{n:02d}"


def hub(n: int) -> str:
    """The code of Demonstration Commissioning Hub n, from 1 to HUBS."""
    return f"{PREFIX}H{n:02d}"


def region(n: int) -> str:
    """The code of Demonstration Region n, from 1 to REGIONS."""
    return f"{PREFIX}Y{n:02d}"


def national(n: int) -> str:
    """The code of Demonstration National Body n, from 1 to NATIONAL."""
    return f"{PREFIX}N{n:02d}"


def regulator(n: int) -> str:
    """The code of Demonstration Regulator n, from 1 to REGULATORS."""
    return f"{PREFIX}G{n:02d}"


def investigator(n: int) -> str:
    """The code of Demonstration Investigator n, from 1 to INVESTIGATORS."""
    return f"{PREFIX}V{n:02d}"


@cache
def register() -> Register:
    """Every synthetic organisation."""
    return Register.of(_rows())


@cache
def relations() -> tuple[Relation, ...]:
    """Who commissions each synthetic provider: a lead, an associate, the hubs; CCGs, then ICBs."""
    return tuple(one for n in range(1, TRUSTS + INDEPENDENT + 1) for one in _relations_of(n))


@cache
def successions() -> tuple[Succession, ...]:
    """Each synthetic CCG's ICB, from 1 July 2022."""
    return tuple(
        Succession(from_=ccg(n), to=icb(_icb_of_ccg(n)), on=ICBS_FROM) for n in range(1, CCGS + 1)
    )


def lead_ccg(provider: int) -> int:
    """The number of the CCG that leads for provider n; trusts come first, then independents."""
    return (provider - 1) % CCGS + 1


def _icb_of_ccg(n: int) -> int:
    return (n - 1) * ICBS // CCGS + 1


def _region_of_icb(n: int) -> int:
    return (n - 1) * REGIONS // ICBS + 1


def _provider(n: int) -> str:
    return trust(n) if n <= TRUSTS else independent(n - TRUSTS)


def _relations_of(n: int) -> Iterator[Relation]:
    lead = lead_ccg(n)
    neighbour = lead % CCGS + 1
    yield Relation(
        provider=_provider(n),
        commissioner=ccg(lead),
        role="lead",
        from_=BEGINNING,
        to=_CCGS_UNTIL,
    )
    yield Relation(
        provider=_provider(n),
        commissioner=ccg(neighbour),
        role="associate",
        from_=BEGINNING,
        to=_CCGS_UNTIL,
    )
    yield Relation(
        provider=_provider(n), commissioner=icb(_icb_of_ccg(lead)), role="lead", from_=ICBS_FROM
    )
    if _icb_of_ccg(neighbour) != _icb_of_ccg(lead):
        yield Relation(
            provider=_provider(n),
            commissioner=icb(_icb_of_ccg(neighbour)),
            role="associate",
            from_=ICBS_FROM,
        )
    for number, scope in enumerate(_HUB_SCOPES, start=1):
        yield Relation(
            provider=_provider(n),
            commissioner=hub(number),
            role="specialised",
            scope=scope,
            from_=BEGINNING,
        )


def _rows() -> Iterator[Row]:
    for n in range(1, TRUSTS + 1):
        yield from _standing(trust(n), "trust", f"Demonstration Trust {n:02d}")
        yield from _region(trust(n), _region_of_icb(_icb_of_ccg(lead_ccg(n))))
    for n in range(1, INDEPENDENT + 1):
        yield from _standing(
            independent(n), "independent_provider", f"Demonstration Independent Provider {n:02d}"
        )
        yield from _region(independent(n), _region_of_icb(_icb_of_ccg(lead_ccg(TRUSTS + n))))
    for n in range(1, PRIMARY_CARE + 1):
        yield from _standing(f"{PREFIX}S{n:02d}", "primary_care", f"Demonstration Practice {n:02d}")
    for n in range(1, OTHER_PROVIDERS + 1):
        yield from _standing(
            f"{PREFIX}O{n:02d}", "other_provider", f"Demonstration Care Home {n:02d}"
        )
    yield from _commissioner_rows()
    yield from _other_rows()


def _commissioner_rows() -> Iterator[Row]:
    for n in range(1, CCGS + 1):
        yield from _ccg_rows(n)
    for n in range(1, ICBS + 1):
        code = icb(n)
        yield from _standing(
            code, "commissioner/icb", f"Demonstration ICB {n:02d}", opened=ICBS_FROM
        )
        yield from _region(code, _region_of_icb(n))
    for n in range(1, HUBS + 1):
        yield from _standing(hub(n), "commissioner/hub", f"Demonstration Commissioning Hub {n:02d}")


def _ccg_rows(n: int) -> Iterator[Row]:
    code, parent = ccg(n), _icb_of_ccg(n)
    yield Row(code=code, attribute="open", from_=BEGINNING)
    yield Row(code=code, attribute="kind", value="commissioner/ccg", to=_CCGS_UNTIL)
    yield Row(code=code, attribute="kind", value="sub_icb", from_=ICBS_FROM)
    yield Row(code=code, attribute="name", value=f"Demonstration CCG {n:02d}", to=_CCGS_UNTIL)
    yield Row(
        code=code,
        attribute="name",
        value=f"Demonstration ICB {parent:02d} - {code}",
        from_=ICBS_FROM,
    )
    yield Row(code=code, attribute="parent", value=icb(parent), from_=ICBS_FROM)
    yield from _region(code, _region_of_icb(parent))


def _other_rows() -> Iterator[Row]:
    for n in range(1, REGIONS + 1):
        yield from _standing(region(n), "region", f"Demonstration Region {n:02d}")
    for n in range(1, NATIONAL + 1):
        yield from _standing(national(n), "national", f"Demonstration National Body {n:02d}")
    for n in range(1, REGULATORS + 1):
        yield from _standing(regulator(n), "regulator", f"Demonstration Regulator {n:02d}")
    for n in range(1, INVESTIGATORS + 1):
        yield from _standing(investigator(n), "investigator", f"Demonstration Investigator {n:02d}")


def _standing(code: str, kind: str, name: str, opened: date = BEGINNING) -> Iterator[Row]:
    yield Row(code=code, attribute="open", from_=opened)
    yield Row(code=code, attribute="kind", value=kind)
    yield Row(code=code, attribute="name", value=name)


def _region(code: str, n: int) -> Iterator[Row]:
    yield Row(code=code, attribute="region", value=region(n))
