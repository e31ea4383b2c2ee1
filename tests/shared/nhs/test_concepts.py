"""Concept ids: their form, their partition and their check digit."""

import pytest

from shared.nhs.concepts import is_concept_id


@pytest.mark.parametrize("id_", ["138875005", "404684003", "22298006", "39113611000001102"])
def test_an_id_with_its_check_digit_is_one(id_: str):
    assert is_concept_id(id_)


@pytest.mark.parametrize(
    "text",
    [
        "138875004",
        "138875015",
        "9434765919",
        "0138875005",
        "12005",
        "1388750051388750051",
        "１３８８７５００５",
        "138875005\n",
        "John.Smith",
        "",
    ],
)
def test_anything_else_is_none(text: str):
    assert not is_concept_id(text)


def test_two_digits_in_the_wrong_order_are_noticed():
    good = "39113611000001102"
    swapped = [good[:n] + good[n + 1] + good[n] + good[n + 2 :] for n in range(len(good) - 1)]
    assert not any(is_concept_id(one) for one in swapped if one != good)
