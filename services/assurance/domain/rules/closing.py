"""What a report must hold before it is accepted, and a case before it is closed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from services.assurance.domain.rules.depth import PRESENCE
from shared.nhs.frameworks import Framework

_PARTS = {
    "root_causes": "root causes",
    "lessons": "lessons",
    "actions": "time-bound actions",
    "findings": "findings",
    "safety_actions": "safety actions",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What a submitted investigation holds, as counts, and the due day of each action by number
    (None: none was set)."""

    root_causes: int
    findings: int
    lessons: int
    actions: Mapping[int, date | None]

    def count(self, part: str) -> int | None:
        """How many of a part there are; None where the contract does not count it."""
        counted = {
            "root_causes": self.root_causes,
            "findings": self.findings,
            "lessons": self.lessons,
            "actions": len(self.actions),
            "safety_actions": len(self.actions),
        }
        return counted.get(part)


def missing_content(framework: Framework, content: Content) -> tuple[str, ...]:
    """The parts that a framework asks of a report and this one lacks, in plain words; a part
    that only a reader can judge (areas for improvement) is left to the criteria."""
    absent = (_PARTS[part] for part in framework.required_content if content.count(part) == 0)
    undated = (f"a due day for action {n}" for n, due in content.actions.items() if due is None)
    return (*absent, *undated)


def missing_reason(*, never_event: bool, depth: int, reason: str | None) -> tuple[str, ...]:
    """A never event closed without anyone having been there needs a recorded reason."""
    if not never_event or depth >= PRESENCE or reason:
        return ()
    return ("a reason for closing a never event without a visit or an observation",)


def open_criteria(answers: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """Ids of the criteria answered partly or not met."""
    return tuple(id_ for id_, answer in answers if answer in ("partly", "not_met"))
