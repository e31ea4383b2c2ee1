"""Words that make a rule ask; it decides nothing."""

from datetime import date

import pytest

from services.intake.domain.rules.never_event_words import WORDS, type_in_words
from shared.nhs.never_events import list_on

DAY = date(2018, 12, 19)


@pytest.mark.parametrize(
    ("account", "type_"),
    [
        ("Block on the wrong side before surgery.", "1"),
        ("The incorrect intraocular lens was put in.", "2"),
        ("A retained swab was found on the scan.", "3"),
        ("Ten times the dose of INSULIN was given.", "6"),
        ("The naso-gastric tube was misplaced.", "13"),
        ("Oxygen was meant; the air flowmeter was used.", "15"),
        ("Oxygen was given as planned.", None),
        ("The patient fell beside the bed.", None),
        ("A swabbed wound; nothing retained.", None),
    ],
)
def test_all_patterns_of_a_type_must_occur(account, type_):
    assert type_in_words(account, DAY) == type_


def test_only_types_that_the_list_of_the_day_counts_are_asked_about():
    assert WORDS.keys() == {one.code for one in list_on(DAY).counted}
    assert type_in_words("Oxygen; the air flowmeter was used.", date(2018, 1, 31)) is None
    assert type_in_words("Wrong side block.", date(2014, 1, 1)) is None
