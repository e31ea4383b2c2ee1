"""An activity derives its depth, and leaves a note on each case it was about."""

from datetime import date
from typing import Any

import pytest

from services.assurance.domain import marks
from services.assurance.domain.activity import messages as m
from services.assurance.domain.activity.decide import (
    correct_activity,
    record_activity,
    withdraw_activity,
)
from services.assurance.domain.activity.relations import relations
from services.assurance.domain.activity.state import ACTIVITY
from shared.kernel.decider import On
from shared.kernel.errors import Invalid, NotFound, NotNow
from tests.assurance.builders import (
    COMMISSIONER,
    LEAD,
    PROVIDER,
    STORY,
    STRANGER,
    TRUST,
    activity_facts,
)
from tests.kit.decider import given

VISIT = ("site_visit", "staff_conversation", "patient_or_family_conversation")


def _case(id_: str) -> m.Subject:
    return m.Subject(kind="case", id=id_)


def _content(*cases: str, **more: Any) -> dict[str, Any]:
    return {
        "subjects": tuple(_case(one) for one in cases),
        "on": STORY,
        "modes": VISIT,
        "participants": ("frontline_staff", "family_or_carer"),
        "findings": "The air outlets are uncapped",
        **more,
    }


def _recorded(*cases: str, **more: Any) -> m.ActivityRecorded:
    derived = {"commissioner": LEAD, "depth": 3, "depth_rule": "depth-1"}
    return m.ActivityRecorded(**{**_content(*cases), **derived, **more})


def _note(id_: str, kind: Any = marks.ActivityNoted, **more: Any) -> On:
    told = {
        "activity": "a1",
        "incident": id_,
        "provider": TRUST,
        "commissioner": LEAD,
        "on": STORY,
        "modes": VISIT,
        "participants": ("frontline_staff", "family_or_carer"),
        "depth": 3,
        "depth_rule": "depth-1",
        **more,
    }
    return On(f"case-{id_}", 5, kind(**told))


def _gone(id_: str, reason: str) -> On:
    withdrawn = marks.ActivityNoteWithdrawn(
        activity="a1", incident=id_, provider=TRUST, commissioner=LEAD, reason=reason
    )
    return On(f"case-{id_}", 5, withdrawn)


def test_a_visit_with_both_voices_is_noted_on_each_case_once() -> None:
    command = m.RecordActivity(**_content("c1", "c2", "c1"))
    given(ACTIVITY).when(record_activity, command, activity_facts("c1", "c2")).then(
        _recorded("c1", "c2", "c1"), _note("c1"), _note("c2")
    )


def test_a_visit_without_a_case_counts() -> None:
    content = _content() | {"subjects": (m.Subject(kind="provider", id=TRUST),)}
    given(ACTIVITY).when(record_activity, m.RecordActivity(**content), activity_facts()).then(
        _recorded(subjects=content["subjects"])
    )


@pytest.mark.parametrize("known", [(), ("c2",)])
def test_a_case_that_is_not_there_is_refused(known: tuple[str, ...]) -> None:
    given(ACTIVITY).when(
        record_activity, m.RecordActivity(**_content("c1")), activity_facts(*known)
    ).refused(NotFound)


def test_a_case_of_another_commissioner_looks_the_same_as_none() -> None:
    given(ACTIVITY).when(
        record_activity,
        m.RecordActivity(**_content("c1")),
        activity_facts("c1", takes_part=False),
    ).refused(NotFound, "is not there, or is not yours")


@pytest.mark.parametrize(
    "when",
    [
        {"on": date(2018, 12, 20)},
        {"until": date(2018, 12, 18)},
        {"until": date(2018, 12, 20)},
    ],
)
def test_an_activity_lies_in_the_past_and_in_order(when: dict[str, date]) -> None:
    given(ACTIVITY).when(
        record_activity, m.RecordActivity(**_content("c1", **when)), activity_facts("c1")
    ).refused(Invalid)


def test_a_correction_mends_the_notes_of_old_and_new_cases() -> None:
    content = _content("c2", "c3", modes=("desk_review",))
    command = m.CorrectActivity(**content, reason="wrong_subject")
    told = {"modes": ("desk_review",), "depth": 0}
    given(ACTIVITY, _recorded("c1", "c2")).when(
        correct_activity, command, activity_facts("c1", "c2", "c3")
    ).then(
        m.ActivityCorrected(
            **content,
            reason="wrong_subject",
            corrected_on=STORY,
            commissioner=LEAD,
            depth=0,
            depth_rule="depth-1",
        ),
        _gone("c1", "wrong_subject"),
        _note("c2", marks.ActivityNoteCorrected, reason="wrong_subject", **told),
        _note("c3", **told),
    )


def test_a_withdrawn_activity_leaves_its_cases_and_is_not_touched_again() -> None:
    command = m.WithdrawActivity(reason="did_not_take_place")
    withdrawn = m.ActivityWithdrawn(reason="did_not_take_place", withdrawn_on=STORY)
    past = given(ACTIVITY, _recorded("c1"))
    past.when(withdraw_activity, command, activity_facts("c1")).then(
        withdrawn, _gone("c1", "did_not_take_place")
    )
    after = given(ACTIVITY, _recorded("c1"), withdrawn)
    after.when(withdraw_activity, command, activity_facts("c1")).refused(NotNow)
    correction = m.CorrectActivity(**_content("c1"), reason="other")
    after.when(correct_activity, correction, activity_facts("c1")).refused(NotNow)
    given(ACTIVITY).when(withdraw_activity, command, activity_facts()).refused(NotFound)


def test_an_activity_whose_text_was_erased_is_not_touched_again() -> None:
    past = given(ACTIVITY, _recorded("c1"), marks.ActivityErased(ground="retention"))
    correction = m.CorrectActivity(**_content("c1"), reason="other")
    past.when(correct_activity, correction, activity_facts("c1")).refused(NotNow)


def test_whose_an_activity_is() -> None:
    about = (m.Subject(kind="provider", id=TRUST),)
    state = given(ACTIVITY, _recorded(subjects=about)).state
    assert relations(state, COMMISSIONER) == {"own"}
    assert relations(state, PROVIDER) == {"provider"}
    assert relations(state, STRANGER) == frozenset()
    assert relations(ACTIVITY.initial, COMMISSIONER) == frozenset()


@pytest.mark.parametrize(
    ("subject", "pointer"),
    [
        (m.Subject(kind="provider", id="NOSUCH"), "/subjects/1/id"),
        (m.Subject(kind="theme", id="John.Smith"), "/subjects/1/id"),
        (m.Subject(kind="lesson_adoption", id="x-1-RTH"), "/subjects/1/kind"),
        (m.Subject(kind="alert_action", id="x"), "/subjects/1/kind"),
        (m.Subject(kind="support_request", id="x"), "/subjects/1/kind"),
    ],
)
def test_a_subject_that_is_not_is_refused(subject: m.Subject, pointer: str) -> None:
    about = (m.Subject(kind="provider", id=TRUST), subject)
    command = m.RecordActivity(subjects=about, on=STORY, modes=("desk_review",))
    refusal = given(ACTIVITY).when(record_activity, command, activity_facts()).refused(Invalid)
    assert [one.pointer for one in refusal.faults] == [pointer]
