"""What intake tells: codes, dates, organisations, harm and counts; never a word of narrative."""

from dataclasses import dataclass, field

from shared.contracts.base import contract


@dataclass(frozen=True, slots=True, kw_only=True)
class AboutIncident:
    """What every contract of intake carries. `day` is when it happened, to `day_precision` (`day`
    or `time`); `worst_harm` a code of shared/nhs/harm; `framework` SIF2015 or PSIRF2022."""

    incident: str
    kind: str
    reported_by: str
    occurred_at: str
    leads: str
    service_area: str | None = None
    day: str
    day_precision: str
    identified_on: str
    worst_harm: str | None = None
    framework: str


@contract("intake", "event_reported")
class EventReportedV1(AboutIncident):
    """A patient-safety event was reported.

    `opted_out`: never counted below England. `unverified` names the fields whose organisation
    code no register knew.
    """

    agents: list[str] = field(default_factory=list)
    unverified: list[str] = field(default_factory=list)
    opted_out: bool = False
    backfill: bool = False


@contract("intake", "event_amended")
class EventAmendedV1(AboutIncident):
    """The record as it now stands, with the names of the fields that changed."""

    changed: list[str]
    agents: list[str] = field(default_factory=list)
    unverified: list[str] = field(default_factory=list)
    opted_out: bool = False


@contract("intake", "classification_decided")
class ClassificationDecidedV1(AboutIncident):
    """The trust decided whether the event is a never event: `outcome` is `meets`, `under_review`
    or `does_not_meet`; `list` is the id of the list in force that day."""

    authority: str
    outcome: str
    type: str | None = None
    subtype: str | None = None
    list: str
    guidance_ref: str | None = None
    effective_at: str


@contract("intake", "serious_incident_declared")
class SeriousIncidentDeclaredV1(AboutIncident):
    """The trust declared a serious incident (SIF2015); clocks start on `declared_on`'s day."""

    serious_identified_on: str
    declared_on: str
    category: str
    level: int


@contract("intake", "initial_review_submitted")
class InitialReviewSubmittedV1(AboutIncident):
    """The trust submitted its initial review."""

    submitted_on: str


@contract("intake", "investigation_submitted")
class InvestigationSubmittedV1(AboutIncident):
    """The trust submitted its investigation for the `n`-th time. Each action: `number`,
    `strength` (strong, intermediate, weak), `owner_role`, `due`."""

    n: int
    level: int | None = None
    submitted_on: str
    factors: list[str]
    root_causes: int
    findings: int
    lessons: int
    actions: list[dict[str, str | int]]


@contract("intake", "event_withdrawn")
class EventWithdrawnV1(AboutIncident):
    """The record was withdrawn; it stays in the log and leaves the counts."""

    reason: str


@contract("intake", "subject_erased")
class SubjectErasedV1(AboutIncident):
    """A key was destroyed: scope `record`, `reporter` or `patient` with its number."""

    scope: str
    patient: int | None = None
    ground: str
