"""How an event stands in a list: codes, days and counts."""

from typing import Any

from services.intake.projections.queries import Reader

_PLAIN = (
    "id",
    "version",
    "kind",
    "reported_by",
    "occurred_at",
    "leads",
    "service_area",
    "day",
    "day_precision",
    "identified_on",
    "worst_harm",
    "framework",
    "level_of_concern",
    "agents",
    "unverified",
    "opted_out",
    "passages_withheld",
    "serious_level",
    "investigations",
    "answered_on",
    "lessons",
    "withdrawn",
    "erased",
    "recorded_at",
    "updated_at",
)


def listed(row: Any, reader: Reader) -> dict[str, Any]:
    """A row of INCIDENTS. `reported` is the log position of its report, by which lists are
    ordered; what a rule proposes is told to the trust alone."""
    told = {name: getattr(row, name) for name in _PLAIN}
    standing = {
        "outcome": row.never_event_outcome,
        "type": row.never_event_type,
        "list": row.never_event_list,
        "authority": row.never_event_authority,
    }
    told |= {
        "reported": row.reported_position,
        "classification": standing if row.never_event_outcome else None,
        "links": {"self": f"/intake/events/{row.id}"},
    }
    if reader.codes & {row.reported_by, row.leads}:
        told |= {"proposed_since": row.proposed_since, "proposed_type": row.proposed_type}
    return told
