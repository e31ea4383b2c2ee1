"""What `make soak` finds and draws, on figures that are made up."""

from dataclasses import replace
from xml.etree import ElementTree

import pytest

from tests.faults.report import with_soak
from tests.strangers.soak_picture import drawn
from tests.strangers.steady import Sample, rising

LEVEL = Sample(
    at=0,
    memory={"serve intake": 100.0, "work intake": 120.0},
    descriptors={"serve intake": 20, "work intake": 30},
    connections=24,
    lag=3,
    taken=100,
    failed=0,
    heard_after=0.1,
)


def over_time(**rises: float) -> list[Sample]:
    """Forty samples in which the named figures rise by so much from one to the next."""
    return [
        replace(
            LEVEL,
            at=15.0 * n,
            memory={**LEVEL.memory, "work intake": 120.0 + rises.get("memory", 0) * n},
            descriptors={**LEVEL.descriptors, "serve intake": 20 + int(rises.get("open", 0) * n)},
            connections=24 + int(rises.get("connections", 0) * n),
            lag=3 + int(rises.get("lag", 0) * n),
            heard_after=0.1 + rises.get("heard", 0) * n,
        )
        for n in range(40)
    ]


def test_what_is_level_is_no_fault():
    assert rising(over_time()) == []


@pytest.mark.parametrize(
    ("rise", "named"),
    [
        ({"memory": 3.0}, "memory of work intake"),
        ({"open": 1}, "descriptors of serve intake"),
        ({"connections": 1}, "connections"),
        ({"lag": 20}, "lag"),
        ({"heard": 0.2}, "heard after"),
    ],
    ids=lambda one: str(one),
)
def test_what_rises_is_named(rise: dict[str, float], named: str):
    (found,) = rising(over_time(**rise))
    assert found.startswith(named)


def test_it_is_the_last_part_of_the_fault_report():
    once = with_soak("# What was broken\n\nAll.\n", "# Soak\n\nOne.\n")
    assert once == "# What was broken\n\nAll.\n\n## Soak\n\nOne.\n"
    assert with_soak(once, "# Soak\n\nTwo.\n") == once.replace("One", "Two")


def test_the_picture_is_svg_that_says_what_it_shows():
    picture = ElementTree.fromstring(drawn(over_time(), "A soak"))  # noqa: S314 - our own
    space = "{http://www.w3.org/2000/svg}"
    assert picture.findtext(f"{space}title") == "A soak"
    assert len(picture.findall(f"{space}polyline")) == 7
