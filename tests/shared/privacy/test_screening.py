"""Screening: every spelling is flagged, ordinary prose is left alone, and no text takes long."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nhs_number.validate import calculate_checksum

from shared.privacy.screening import KINDS, Flag, mask, merge, screen, withheld


def found(text: str) -> list[tuple[str, str]]:
    return [(flag.kind, text[flag.start : flag.end]) for flag in screen(text)]


@pytest.mark.parametrize(
    "number",
    [
        "9990000018",
        "999 000 0018",
        "999-000-0018",
        "999.000.0018",
        "99 90 00 00 18",
        "9 9 9 0 0 0 0 0 1 8",
        "999\u2013000\u20130018",
        "999\u2011000\u22120018",
        "999\u00a0000\u20090018",
        "999\u200b000\u200b0018",
        "999\n000 0018",
        "９９９００００018",
        "٩٩٩ ٠٠٠ ٠٠١٨",
        "९९९-०००-००१८",
    ],
)
def test_an_nhs_number_is_found_in_any_spelling(number: str):
    assert found(f"The patient ({number}) fell.") == [("nhs_number", number)]


@pytest.mark.parametrize("text", ["NHS9990000018", "no:9990000018x", "bed 4 999 000 0018, bay 2"])
def test_an_nhs_number_is_found_beside_other_characters(text: str):
    assert [kind for kind, _ in found(text)] == ["nhs_number"]


@pytest.mark.parametrize("number", ["9990000017", "999 000 001", "999 000 00189"])
def test_a_wrong_check_digit_or_length_is_no_nhs_number(number: str):
    assert "nhs_number" not in dict(found(f"Serial {number} was read out."))


@given(st.integers(999_000_000, 999_999_999), st.sampled_from(["", " ", "-", "\u2013", " - "]))
def test_every_test_number_is_found(nine: int, separator: str):
    check = calculate_checksum(str(nine))
    assert check is not None
    whole = f"{nine}{check % 10}"  # no number has 10 for its check digit: 0 is a wrong one
    text = f"Seen: {whole[:3]}{separator}{whole[3:6]}{separator}{whole[6:]}."
    assert ("nhs_number" in dict(found(text))) == (check != 10)


@pytest.mark.parametrize(
    "number",
    [
        "07700 900123",
        "07700900123",
        "07700-900-123",
        "(0114) 496 0123",
        "0114 496 0123",
        "020 7946 0123",
        "+44 7700 900123",
        "+44 (0)114 496 0123",
        "0044 7700 900123",
        "44 7700 900123",
        "+353 1 496 0123",
        "０7700 900123",
    ],
)
def test_a_telephone_number_is_found(number: str):
    ((kind, passage),) = found(f"Please ring on {number} today.")
    assert kind == "telephone"
    assert passage.strip("(") == number.strip("(")


@pytest.mark.parametrize("text", ["Tel: 496012", "ext. 12345", "phone no 4960 123", "bleep 12345"])
def test_a_short_number_is_found_after_its_cue(text: str):
    assert [kind for kind, _ in found(text)] == ["telephone"]


@pytest.mark.parametrize(
    "address",
    ["a.b@example.org", "a_b+c@mail.example.co.uk", "ab (at) example.org", "ab[at]example.org"],
)
def test_an_email_address_is_found(address: str):
    assert found(f"Write to {address}, please.") == [("email", address)]


@pytest.mark.parametrize(
    "postcode", ["S10 2JF", "s102jf", "LS1 3EX", "EC1A 1BB", "W1A  0AX", "M1-1AE"]
)
def test_a_postcode_is_found(postcode: str):
    assert found(f"Lives at {postcode}.") == [("postcode", postcode)]


@pytest.mark.parametrize(
    "text",
    [
        "DOB 12/03/1955",
        "D.O.B. 12.3.55",
        "date of birth: 12 March 1955",
        "Date of birth is 1955-03-12",
        "born on the 3rd of March 1955",
        "born March 3, 1955",
        "born on 12 03 1955",
        "dob 12031955",
        "(12/03/1955, DOB)",
    ],
)
def test_a_date_near_a_cue_of_birth_is_found(text: str):
    assert [kind for kind, _ in found(text)] == ["birth_date"]


@pytest.mark.parametrize(
    ("text", "passage"),
    [
        ("then Mr Smith fell", "Mr Smith"),
        ("then MR SMITH fell", "MR SMITH"),
        ("then mr smith fell", "mr smith"),
        ("then Mrs. Smith-Jones fell", "Mrs. Smith-Jones"),
        ("then Dr A. B. Smith came", "Dr A. B. Smith"),
        ("then Dr A Smith came", "Dr A Smith"),
        ("then Professor van der Smith came", "Professor van der Smith"),
        ("then Sister Smith came", "Sister Smith"),
        ("then Miss O’Smith came. Then", "Miss O’Smith"),
        ("then Dr Šmith came", "Dr Šmith"),
        ("his name is Smith, he", " Smith"),
    ],
)
def test_a_name_after_its_cue_is_found(text: str, passage: str):
    assert found(text) == [("name", passage)]


@pytest.mark.parametrize(
    "text",
    [
        "The patient, aged 45, was born 45 years ago and weighed 3.2 kg at 34 weeks.",
        "An MR scan was done; the dr said so; we miss a bed; the sister in charge agreed.",
        "Given 5mg at 10:30 on 2018-12-19 and 2.5 ml on 19/12/2018 14:05, 500mg 4 times.",
        "Transferred on 01.02.2018 10:30 to ward B2 5 beds away; batch 2018 0412.",
        "Mail was sent @ noon; 2@500mg; MRSA and MSSA screened; version 1.2.3.4.",
        "Reported under alert NHS/PSA/D/2016/009, local reference W-12345, 111 was called.",
        "",
    ],
)
def test_ordinary_prose_is_left_alone(text: str):
    assert found(text) == []


def test_overlapping_flags_become_one_named_by_the_weightiest():
    flags = [Flag(5, 9, "name"), Flag(0, 6, "telephone"), Flag(20, 25, "email"), Flag(9, 9, "name")]
    assert merge(flags) == (Flag(0, 9, "telephone"), Flag(20, 25, "email"))
    assert merge([Flag(0, 5, "email"), Flag(5, 9, "name")]) == (
        Flag(0, 5, "email"),
        Flag(5, 9, "name"),
    )


def test_masking_leaves_a_marker_and_the_rest():
    text = "Mr Smith, 999 000 0018, rang on 07700 900123."
    flags = screen(text)
    assert mask(text, flags) == (
        "[withheld: name], [withheld: NHS number], rang on [withheld: telephone number]."
    )
    assert withheld(flags) == {"name": 1, "nhs_number": 1, "telephone": 1}
    assert mask(text, ()) == text


def test_masking_bears_flags_that_do_not_fit_the_text():
    assert (
        mask("short", (Flag(3, 99, "email"), Flag(50, 60, "name")))
        == "sho[withheld: e-mail address]"
    )
    assert mask("short", (Flag(0, 2, "a later kind"),)) == "[withheld: passage]ort"


@given(st.text(max_size=300))
def test_flags_are_in_order_inside_the_text_and_masking_hides_them(text: str):
    flags = screen(text)
    ends = [0, *(flag.end for flag in flags)]
    assert all(0 <= end <= flag.start < flag.end for end, flag in zip(ends, flags, strict=False))
    assert ends[-1] <= len(text)
    assert {flag.kind for flag in flags} <= set(KINDS)


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "part",
    [
        "1", "1 ", "0 1", "+1 ", "0-", "(", "1---", "a@", "@", "a", "a.", "a@b.", "(at)", "AB1 ",
        "dob ", "dob 1/1/", "born jan 1 ", "jan ", "Mr ", "Mr A ", "mr van ", "A", "name is ", " ",
        "tel ", "tel 1 ", "tel: 12 ", "\u200b", "患", "\U0001d7d8", "-", "12/", "S1 1",
    ],
)  # fmt: skip
def test_the_longest_text_takes_no_time_to_speak_of(part: str):
    """A rule that backtracks would need minutes here; the limit is only there to end it."""
    text = (part * 20_000)[:20_000]
    assert all(flag.end <= len(text) for flag in screen(text))
