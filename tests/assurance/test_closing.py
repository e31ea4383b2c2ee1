"""A case closes with causes, lessons and dated actions, and never unseen without a word."""

from datetime import date
from typing import Any

import pytest

from services.assurance.domain.case import events as e
from services.assurance.domain.case.decide.closing import close_case
from services.assurance.domain.case.messages import CloseCase
from services.assurance.domain.case.state import CASE
from services.assurance.domain.marks import ActivityNoteWithdrawn
from shared.kernel.errors import Incomplete, Invalid, NotNow
from tests.assurance.builders import (
    STORY,
    action,
    answers,
    clock,
    facts,
    never_event,
    noted,
    opened,
    received,
    serious,
)
from tests.kit.decider import given

ACCEPTED = (
    opened(serious=serious()),
    received(actions=(action(1), action(2))),
    e.InvestigationAccepted(n=1, answers=answers(), on=STORY),
)


def _close(**more: Any) -> CloseCase:
    return CloseCase(**{"learning": "Cap the air outlet", "themes": ("medical_gases",), **more})


def _closed(**changed: Any) -> e.CaseClosed:
    told: dict[str, Any] = {
        "on": STORY,
        "learning": "Cap the air outlet",
        "themes": ("medical_gases",),
        "actions_open": (1, 2),
        "depth": 0,
        "depth_rule": "depth-1",
        **changed,
    }
    return e.CaseClosed(**told)


def test_a_sound_report_closes_and_open_actions_are_named() -> None:
    given(CASE, *ACCEPTED).when(close_case, _close(), facts()).then(_closed())
    given(CASE, *ACCEPTED).when(close_case, _close(actions_done=(1,)), facts()).then(
        _closed(actions_done=(1,), actions_open=(2,))
    )


def test_closing_is_an_answer_and_ends_what_still_runs() -> None:
    past = given(
        CASE,
        opened(serious=serious()),
        clock("SIF-INITIAL", date(2018, 12, 24)),
        received(actions=(action(1), action(2))),
        clock("SIF-QA", date(2019, 1, 8)),
    )
    past.when(close_case, _close(), facts()).then(
        e.ClockMet(rule="SIF-QA", on=STORY),
        e.ClockVoided(rule="SIF-INITIAL", on=STORY, cause="closed"),
        _closed(),
    )


@pytest.mark.parametrize(
    ("lacking", "named"),
    [
        ({"root_causes": 0}, "root causes"),
        ({"lessons": 0}, "lessons"),
        ({"actions": ()}, "time-bound actions"),
        ({"actions": (action(1), action(2, due=None))}, "a due day for action 2"),
    ],
)
def test_what_is_missing_is_named(lacking: dict[str, Any], named: str) -> None:
    past = given(CASE, opened(serious=serious()), received(**lacking))
    assert past.when(close_case, _close(), facts()).refused(Incomplete).missing == (named,)


def test_nothing_closes_without_a_report_or_while_one_is_awaited() -> None:
    given(CASE, opened(serious=serious())).when(close_case, _close(), facts()).refused(
        Incomplete, "report"
    )
    returned = e.InvestigationReturned(
        n=1, answers=answers(C3="not_met"), open_criteria=("C3",), on=STORY
    )
    given(CASE, opened(serious=serious()), received(), returned).when(
        close_case, _close(), facts()
    ).refused(NotNow, "returned")


def test_a_never_event_that_nobody_went_to_see_needs_a_reason() -> None:
    past = (opened(serious=serious(), never_event=never_event()), *ACCEPTED[1:])
    given(CASE, *past, noted(1)).when(close_case, _close(), facts()).refused(
        Incomplete, "without a visit"
    )
    given(CASE, *past, noted(1)).when(
        close_case, _close(shallow_reason="The ward has closed"), facts()
    ).then(_closed(depth=1, shallow_reason="The ward has closed"))
    given(CASE, *past, noted(2)).when(close_case, _close(), facts()).then(_closed(depth=2))


def test_the_deepest_activity_counts_and_a_withdrawn_one_does_not() -> None:
    gone = ActivityNoteWithdrawn(
        activity="a2",
        incident="i",
        provider="RTH",
        commissioner="10Q",
        reason="recorded_twice",
    )
    past = (*ACCEPTED, noted(1), noted(3, "a2"))
    assert given(CASE, *past).state.depth == 3
    assert given(CASE, *past, gone).state.depth == 1


def test_an_action_that_the_report_does_not_hold_is_refused() -> None:
    given(CASE, *ACCEPTED).when(close_case, _close(actions_done=(7,)), facts()).refused(
        Invalid, "no action"
    )


def test_a_closed_case_stays_closed_and_a_board_closes_its_own() -> None:
    given(CASE, *ACCEPTED, _closed()).when(close_case, _close(), facts()).refused(NotNow, "closed")
    given(CASE, opened(framework="PSIRF2022"), received()).when(
        close_case, _close(), facts()
    ).refused(NotNow, "board")
