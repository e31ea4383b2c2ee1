"""What assurance tells: who acted, how deeply, when; never what was written."""

from dataclasses import dataclass, field

from shared.contracts.base import contract


@dataclass(frozen=True, slots=True, kw_only=True)
class AboutCase:
    """What every contract about an incident carries; `commissioner` is the lead, absent while
    the case is unrouted."""

    incident: str
    case: str
    provider: str
    commissioner: str | None = None


@contract("assurance", "relation_changed")
class RelationChangedV1:
    """A commissioning relation began, changed or ended. `scope` lists service areas, empty for
    all; `until` is the last day, absent while it runs."""

    provider: str
    commissioner: str
    role: str
    scope: list[str]
    since: str
    until: str | None = None


@contract("assurance", "succession_recorded")
class SuccessionRecordedV1:
    """One organisation took over everything of another, from the day `on`."""

    former: str
    successor: str
    on: str


@contract("assurance", "case_opened")
class CaseOpenedV1(AboutCase):
    """A case opened on the first reason; `commissioner` is absent while it is unrouted."""

    framework: str
    reason: str
    opened_on: str
    clocks: list[str] = field(default_factory=list)


@contract("assurance", "case_acknowledged")
class CaseAcknowledgedV1(AboutCase):
    """The commissioner acknowledged the case."""

    on: str


@contract("assurance", "classification_decided")
class ClassificationDecidedV1(AboutCase):
    """A commissioner or the national body decided whether the event is a never event."""

    authority: str
    decided_by: str
    outcome: str
    type: str | None = None
    subtype: str | None = None
    list: str
    guidance_ref: str | None = None
    effective_at: str


@contract("assurance", "activity_recorded")
class ActivityRecordedV1(AboutCase):
    """An assurance activity about one case took place; `depth` is derived from its modes by
    `depth_rule`. One contract for each incident concerned."""

    activity: str
    on: str
    modes: list[str]
    participants: list[str]
    depth: int
    depth_rule: str


@contract("assurance", "activity_corrected")
class ActivityCorrectedV1(AboutCase):
    """An activity was corrected: as it now stands; the first record stays readable."""

    activity: str
    on: str
    modes: list[str]
    participants: list[str]
    depth: int
    depth_rule: str
    reason: str


@contract("assurance", "activity_withdrawn")
class ActivityWithdrawnV1(AboutCase):
    """An activity recorded by mistake no longer counts."""

    activity: str
    reason: str


@contract("assurance", "feedback_given")
class FeedbackGivenV1(AboutCase):
    """The commissioner answered a submission: `about` is `initial_review` or `investigation`,
    `verdict` `accepted` or `further_information`; `n` the submission's number."""

    about: str
    verdict: str
    n: int
    on: str


@contract("assurance", "investigation_returned")
class InvestigationReturnedV1(AboutCase):
    """The investigation went back with criteria answered one by one; `open_criteria` are the ids
    answered partly or not met; `due` the day the next submission is asked for."""

    n: int
    open_criteria: list[str]
    on: str
    due: str | None = None


@contract("assurance", "clock_breached")
class ClockBreachedV1(AboutCase):
    """A clock ran past its due day without what it waits for; `n` numbers the clocks of one rule.
    `historical`: it had when this log learned of it, as in back-filled records."""

    rule: str
    due: str
    n: int = 1
    historical: bool = False


@contract("assurance", "case_handed_over", subscribers_alone=True)
class CaseHandedOverV1(AboutCase):
    """Another organisation holds what `former` held in the case (absent: nobody led it); `cause`
    is `rerouted` or `succession`."""

    former: str | None = None
    to: str
    on: str
    cause: str


@contract("assurance", "case_closed")
class CaseClosedV1(AboutCase):
    """The case closed; `learning` says whether there is some to draw, `themes` of what kind."""

    on: str
    learning: bool
    themes: list[str]
    never_event_type: str | None = None
    actions_open: int
    depth: int
