"""Who may do what at intake."""

from shared.security.grants import REACTION_ONLY, Grant, roles, to

OWN = (to("trust", "own"),)
READERS = (
    to("trust", "own", "provider", "named"),
    to("commissioner", "lead", "associate"),
    to("region", "region"),
)

INTAKE: dict[str, tuple[Grant, ...]] = {
    "report_event": roles("trust"),
    "amend_event": OWN,
    "classify_never_event": OWN,
    "declare_serious": OWN,
    "submit_initial_review": OWN,
    "submit_investigation": OWN,
    "release_passage": OWN,
    "correct_passage": OWN,
    "withdraw_event": OWN,
    "erase_subject": OWN,
    "read_event": READERS,
    "list_events": roles("trust", "commissioner", "region"),
    "read_changes": roles("trust", "commissioner", "region"),
    "hear_at_intake": REACTION_ONLY,
}
