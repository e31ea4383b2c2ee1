"""The role table itself, framework by step, and what each step means to those who wait for it."""

from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

Step = Literal[
    "notify",
    "initial_review",
    "investigate",
    "review",
    "extend",
    "stop",
    "de_escalate",
    "close",
    "monitor_actions",
    "candour",
    "alert_action",
    "lesson_adoption",
    "support",
    "oversight",
]
Responsibility = Literal["responsible", "accountable", "supporting", "consulted", "informed"]
Holder = Literal[
    "provider",
    "provider_board",
    "lead_commissioner",
    "associate_commissioner",
    "icb",
    "region",
    "national",
    "patient_or_family",
]

FRAMEWORK_IDS = ("SIF2015", "PSIRF2022")
STEPS: tuple[Step, ...] = get_args(Step)
RESPONSIBILITIES: tuple[Responsibility, ...] = get_args(Responsibility)
HOLDERS: tuple[Holder, ...] = get_args(Holder)


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """One holder's part in one step, with the clocks that run on it (both days inclusive)."""

    framework: str
    step: Step
    responsibility: Responsibility
    holder: Holder
    clocks: tuple[str, ...]
    effective_from: date
    effective_to: date | None = None
    confirmed: bool = False

    def in_force(self, on: date) -> bool:
        """Whether the row held on that London day."""
        return self.effective_from <= on and (self.effective_to is None or on <= self.effective_to)


_FROM = {"SIF2015": date(2015, 4, 1), "PSIRF2022": date(2022, 8, 16)}
_REPORT = ("SIF-REPORT-1", "SIF-REPORT-2", "SIF-REPORT-3")
_OTHERS: tuple[Holder, ...] = ("associate_commissioner", "region")


def _step(
    framework: str,
    step: Step,
    *,
    responsible: tuple[Holder, ...],
    accountable: Holder,
    supporting: tuple[Holder, ...] = (),
    consulted: tuple[Holder, ...] = (),
    informed: tuple[Holder, ...] = (),
    clocks: tuple[str, ...] = (),
) -> tuple[Role, ...]:
    parts = zip(
        RESPONSIBILITIES,
        (responsible, (accountable,), supporting, consulted, informed),
        strict=True,
    )
    return tuple(
        Role(
            framework=framework,
            step=step,
            responsibility=responsibility,
            holder=holder,
            clocks=clocks,
            effective_from=_FROM[framework],
        )
        for responsibility, holders in parts
        for holder in holders
    )


def _trust_step(step: Step, *clocks: str, consulted: tuple[Holder, ...] = ()) -> tuple[Role, ...]:
    return _step(
        "SIF2015",
        step,
        responsible=("provider",),
        accountable="provider",
        consulted=consulted,
        informed=("lead_commissioner", *_OTHERS),
        clocks=clocks,
    )


def _commissioner_step(
    step: Step, *clocks: str, supporting: tuple[Holder, ...] = ()
) -> tuple[Role, ...]:
    return _step(
        "SIF2015",
        step,
        responsible=("lead_commissioner",),
        accountable="lead_commissioner",
        supporting=supporting,
        consulted=("provider",),
        informed=_OTHERS,
        clocks=clocks,
    )


def _board_step(
    step: Step,
    *clocks: str,
    consulted: tuple[Holder, ...] = ("icb",),
    supporting: tuple[Holder, ...] = (),
) -> tuple[Role, ...]:
    return _step(
        "PSIRF2022",
        step,
        responsible=("provider",),
        accountable="provider_board",
        supporting=supporting,
        consulted=consulted,
        informed=("region",),
        clocks=clocks,
    )


_AFFECTED: tuple[Holder, ...] = ("patient_or_family",)

# Serious Incident Framework (2015): the provider tells and investigates, the lead commissioner
# reviews and closes. Patient Safety Incident Response Framework (2022): the provider's board
# answers for all up to approval, the ICB supports, is consulted and oversees. To be confirmed.
ROLES: tuple[Role, ...] = (
    *_trust_step("notify", "SIF-NOTIFY"),
    *_trust_step("initial_review", "SIF-INITIAL"),
    *_trust_step("investigate", *_REPORT, consulted=_AFFECTED),
    *_commissioner_step("review", "SIF-QA"),
    *_commissioner_step("extend"),
    *_commissioner_step("stop"),
    *_commissioner_step("de_escalate"),
    *_commissioner_step("close", "SIF-QA"),
    *_commissioner_step("monitor_actions", supporting=("provider",)),
    *_trust_step("candour", "DOC-PERSON", "DOC-WRITTEN", consulted=_AFFECTED),
    *_step(
        "SIF2015",
        "alert_action",
        responsible=("provider",),
        accountable="provider_board",
        supporting=("lead_commissioner",),
        informed=("region", "national"),
        clocks=("CAS-ACK",),
    ),
    *_step(
        "SIF2015",
        "lesson_adoption",
        responsible=("provider",),
        accountable="provider_board",
        supporting=("lead_commissioner",),
        informed=("region", "national"),
    ),
    *_commissioner_step("support", "OD-SUPPORT", supporting=("region",)),
    *_commissioner_step("oversight", supporting=("region",)),
    *_board_step("notify"),
    *_board_step("initial_review"),
    *_board_step("investigate", "PSIRF-RESPONSE", consulted=("patient_or_family", "icb")),
    *_board_step("review", "PSIRF-RESPONSE", supporting=("icb",)),
    *_board_step("extend", "PSIRF-RESPONSE", consulted=("patient_or_family", "icb")),
    *_board_step("stop", "PSIRF-RESPONSE", consulted=("patient_or_family", "icb")),
    *_board_step("de_escalate"),
    *_board_step("close", "PSIRF-RESPONSE"),
    *_board_step("monitor_actions", supporting=("icb",)),
    *_board_step("candour", "DOC-PERSON", "DOC-WRITTEN", consulted=_AFFECTED),
    *_board_step("alert_action", "CAS-ACK", supporting=("icb",)),
    *_board_step("lesson_adoption", supporting=("icb",)),
    *_step(
        "PSIRF2022",
        "support",
        responsible=("icb",),
        accountable="icb",
        supporting=("region",),
        consulted=("provider",),
        clocks=("OD-SUPPORT",),
    ),
    *_step(
        "PSIRF2022",
        "oversight",
        responsible=("icb",),
        accountable="icb",
        supporting=("region",),
        consulted=("provider", "provider_board"),
        informed=("national",),
    ),
)
