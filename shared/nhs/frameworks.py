"""The frameworks under which incidents are answered, and which one a provider follows on a day."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Literal

from shared.nhs.closure_criteria import PSIRF2022_CRITERIA, SIF2015_CRITERIA, Criterion

FrameworkId = Literal["SIF2015", "PSIRF2022"]

PSIRF_DEFAULT_FROM = date(2023, 10, 1)
"""From when a provider without a recorded adoption is taken to follow PSIRF2022 (a default)."""


class UnknownFramework(LookupError):
    """No framework of that id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Framework:
    """How incidents are answered: threshold, closer, responses, and what a closing must hold.

    `closer` and `oversight` are holder kinds of `roles`; `required_content` names the parts of a
    report without which it cannot be accepted; `commissioner_returns` says whether the commissioner
    may send one back.
    """

    id: FrameworkId
    title: str
    published: date
    in_force: date
    transition_complete: date | None
    serious_class: bool
    threshold: str
    effort_follows: str
    closer: str
    oversight: str
    commissioner_returns: bool
    responses: tuple[str, ...]
    response_required_for: tuple[str, ...]
    criteria: tuple[Criterion, ...]
    required_content: tuple[str, ...]

    def criterion(self, criterion_id: str) -> Criterion | None:
        """A closure criterion by id, or None."""
        return next((one for one in self.criteria if one.id == criterion_id), None)

    def unanswered(self, answered: Iterable[str]) -> tuple[str, ...]:
        """Ids of the criteria that are not among those answered, in checklist order."""
        given = frozenset(answered)
        return tuple(one.id for one in self.criteria if one.id not in given)


# Serious Incident Framework, NHS England, 27 March 2015.
SIF2015 = Framework(
    id="SIF2015",
    title="Serious Incident Framework (2015)",
    published=date(2015, 3, 27),
    in_force=date(2015, 4, 1),
    transition_complete=None,
    serious_class=True,
    threshold="A serious incident, judged case by case; a rule may propose, a person declares",
    effort_follows="severity",
    closer="lead_commissioner",
    oversight="lead_commissioner",
    commissioner_returns=True,
    responses=("concise", "comprehensive", "independent"),
    response_required_for=("serious_incident",),
    criteria=SIF2015_CRITERIA,
    required_content=("root_causes", "lessons", "actions"),
)

# Patient Safety Incident Response Framework, NHS England, 16 August 2022; to autumn 2023.
PSIRF2022 = Framework(
    id="PSIRF2022",
    title="Patient Safety Incident Response Framework (2022)",
    published=date(2022, 8, 16),
    in_force=date(2022, 8, 16),
    transition_complete=PSIRF_DEFAULT_FROM,
    serious_class=False,
    threshold="None: the class of serious incidents is abolished",
    effort_follows="potential_for_learning",
    closer="provider_board",
    oversight="icb",
    commissioner_returns=False,
    responses=(
        "investigation",
        "after_action_review",
        "swarm_huddle",
        "multidisciplinary_review",
        "thematic_review",
        "nationally_required",
    ),
    response_required_for=("never_event",),
    criteria=PSIRF2022_CRITERIA,
    required_content=("findings", "areas_for_improvement", "safety_actions"),
)

FRAMEWORKS = MappingProxyType({one.id: one for one in (SIF2015, PSIRF2022)})


def framework(framework_id: str) -> Framework:
    """A framework by id. Raises UnknownFramework."""
    for one in FRAMEWORKS.values():
        if one.id == framework_id:
            return one
    raise UnknownFramework(f"the frameworks are {', '.join(FRAMEWORKS)}")


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameworkAdoption:
    """From `from_` on (London day, inclusive) a provider follows a framework."""

    provider: str
    framework: FrameworkId
    from_: date


def framework_for(
    provider: str,
    day: date,
    adoptions: Iterable[FrameworkAdoption] = (),
    *,
    psirf_default_from: date = PSIRF_DEFAULT_FROM,
) -> Framework:
    """The framework of an incident that a provider identified on a London day.

    The newest adoption recorded by that day decides. A provider whose adoptions all lie later
    follows SIF2015 until then; the default day serves only one for which none is recorded.
    """
    recorded = [one for one in adoptions if one.provider == provider]
    if not recorded:
        return PSIRF2022 if day >= psirf_default_from else SIF2015
    reached = [one for one in recorded if one.from_ <= day]
    if not reached:
        return SIF2015
    return FRAMEWORKS[max(reached, key=lambda one: one.from_).framework]
