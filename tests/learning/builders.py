"""Sane defaults for learning's tests, so that each test names only what matters."""

from dataclasses import fields
from datetime import UTC, date, datetime
from typing import Any, TypeVar

from services.learning.domain.adoption import AdoptionFacts, ReadLesson
from services.learning.domain.lesson.facts import (
    AbandonmentFacts,
    HeldSource,
    OfferedSource,
    PublicationFacts,
    SourceFacts,
)
from services.learning.domain.lesson.messages import (
    Action,
    AppliesTo,
    ClearAction,
    ClearApplies,
    Content,
    DraftRevised,
    LessonApproved,
    LessonPublished,
    LessonStarted,
    LessonSubmitted,
    ReviseDraft,
    Source,
    TypeOnList,
)
from services.learning.domain.suggestion import Suggest, SuggestionMade
from shared.kernel.clock import london_day
from shared.kernel.decider import Actor, Facts

F = TypeVar("F", bound=Facts)

NOW = datetime(2019, 3, 4, 10, 0, tzinfo=UTC)
TODAY = date(2019, 3, 4)
AUTHOR = "hmac-author"
REVIEWER = "hmac-reviewer"
NATIONAL = "DEMON01"
TRUST = "DEMOT07"


def actor(organisation: str = NATIONAL, kind: str = "national", *roles: str) -> Actor:
    return Actor(
        client="a-client",
        person="dev",
        organisation=organisation,
        kind=kind,
        roles=frozenset(roles),
    )


def facts_of(cls: type[F], person: str = AUTHOR, **more: Any) -> F:
    base: dict[str, Any] = {
        "actor": actor(),
        "now": NOW,
        "today": london_day(more.get("now", NOW)),
        "new_id": "new-id",
        "id": "lesson1",
        "person": person,
    }
    return cls(**{**base, **more})


def facts(person: str = AUTHOR, **more: Any) -> Facts:
    return facts_of(Facts, person, **more)


def source(n: int = 1, **more: Any) -> Source:
    told: dict[str, Any] = {
        "suggestion": f"case{n}",
        "case": f"case{n}",
        "incident": f"incident{n}",
        "provider": TRUST,
        "never_event_type": "15",
    }
    return Source(**{**told, **more})


def offered(n: int = 1, *, waiting: bool = True) -> OfferedSource:
    return OfferedSource(
        stream=f"suggestion-case{n}",
        version=1,
        waiting=waiting,
        source=source(n),
        themes=("air_for_oxygen",),
    )


def source_facts(offer: OfferedSource | None, **more: Any) -> SourceFacts:
    return facts_of(SourceFacts, offered=offer, **more)


def abandonment_facts(*held: int, **more: Any) -> AbandonmentFacts:
    """Suggestions that the lesson still holds, each by its `n`, at the version it took them in."""
    sources = tuple(HeldSource(stream=f"suggestion-case{n}", version=2) for n in held)
    return facts_of(AbandonmentFacts, held=sources, **more)


def publication_facts(n: int = 1, **more: Any) -> PublicationFacts:
    return facts_of(PublicationFacts, REVIEWER, n=n, **more)


def adoption_facts(**more: Any) -> AdoptionFacts:
    told: dict[str, Any] = {"actor": actor(TRUST, "trust"), "read": read_lesson()}
    return facts_of(AdoptionFacts, **{**told, **more})


def read_lesson(**more: Any) -> ReadLesson:
    told: dict[str, Any] = {
        "number": "OD-LESSON-2019-1",
        "version": 1,
        "actions": 2,
        "withdrawn": False,
    }
    return ReadLesson(**{**told, **more})


def suggest(**more: Any) -> Suggest:
    return Suggest(**_suggested(more))


def made(**more: Any) -> SuggestionMade:
    return SuggestionMade(**_suggested(more))


def _suggested(more: dict[str, Any]) -> dict[str, Any]:
    told = {
        "case": "case1",
        "incident": "incident1",
        "provider": TRUST,
        "themes": ("air_for_oxygen",),
        "never_event_type": "15",
        "depth": 3,
        "closed_on": date(2019, 3, 1),
    }
    return {**told, **more}


def content(**more: Any) -> Content:
    told: dict[str, Any] = {
        "title": "Air taken for oxygen",
        "what_happened": "A patient who needed oxygen was connected to the air outlet.",
        "factors": ("The two outlets look alike.",),
        "actions": (
            Action(what="Cap every air outlet.", strength="strong", measure="Outlets capped"),
            Action(what="Check at handover.", strength="weak", measure="Handovers checked"),
        ),
        "applies_to": AppliesTo(
            provider_types=("trust",),
            settings=("acute",),
            never_event_types=(TypeOnList(list="2018-02-01", type="15"),),
            devices=("air flowmeter",),
        ),
        "themes": ("air_for_oxygen",),
    }
    return Content(**{**told, **more})


def revise(**more: Any) -> ReviseDraft:
    held = content(**more)
    return ReviseDraft(**{one.name: getattr(held, one.name) for one in fields(held)})


def started(**more: Any) -> LessonStarted:
    told: dict[str, Any] = {
        "title": "Air taken for oxygen",
        "source": source(),
        "themes": ("air_for_oxygen",),
        "organisation": NATIONAL,
        "author": AUTHOR,
        "on": TODAY,
    }
    return LessonStarted(**{**told, **more})


def revised(author: str = AUTHOR, **more: Any) -> DraftRevised:
    return DraftRevised(content=content(**more), author=author, on=TODAY)


def drafted(**more: Any) -> tuple[object, ...]:
    return started(), revised(**more)


def at_review(**more: Any) -> tuple[object, ...]:
    return *drafted(**more), LessonSubmitted(on=TODAY)


def approved(**more: Any) -> tuple[object, ...]:
    return *at_review(**more), LessonApproved(reviewer=REVIEWER, on=TODAY)


def published(**more: Any) -> LessonPublished:
    told: dict[str, Any] = {
        "number": "OD-LESSON-2019-1",
        "version": 1,
        "title": "Air taken for oxygen",
        "what_happened": "A patient who needed oxygen was connected to the air outlet.",
        "factors": ("The two outlets look alike.",),
        "actions": (
            ClearAction(
                number=1, what="Cap every air outlet.", strength="strong", measure="Outlets capped"
            ),
            ClearAction(
                number=2, what="Check at handover.", strength="weak", measure="Handovers checked"
            ),
        ),
        "applies_to": ClearApplies(
            provider_types=("trust",),
            settings=("acute",),
            never_event_types=(TypeOnList(list="2018-02-01", type="15"),),
            devices=("air flowmeter",),
        ),
        "response": "information",
        "themes": ("air_for_oxygen",),
        "on": TODAY,
    }
    return LessonPublished(**{**told, **more})
