"""Who may do what at intake."""

from shared.security.grants import EVERYBODY, REACTION_ONLY, Grant, roles, to

OWN = (to("trust", "own"),)
READERS = (
    to("trust", "own", "provider", "named"),
    to("commissioner", "lead", "associate"),
    to("region", "region"),
)

INTAKE: dict[str, tuple[Grant, ...]] = {
    "report_event": roles("trust"),
    "import_events": roles("trust"),
    "check_event": roles("trust"),
    "amend_event": OWN,
    "propose_never_event": OWN,
    "classify_never_event": OWN,
    "declare_serious": OWN,
    "change_level": OWN,
    "request_deescalation": OWN,
    "commission_response": OWN,
    "approve_response": OWN,
    "share_response": OWN,
    "submit_initial_review": OWN,
    "submit_investigation": OWN,
    "record_candour": (to("trust", "own", "provider"),),
    "propose_attribution": OWN,
    "settle_attribution": (to("trust", "named"), to("region", "region")),
    "link_events": (*OWN, to("commissioner", "lead"), to("region", "region")),
    "ask_reporter": OWN,
    "involve_affected": OWN,
    "attach_document": OWN,
    "release_passage": OWN,
    "correct_passage": OWN,
    "withdraw_event": OWN,
    "erase_subject": OWN,
    "read_event": READERS,
    "read_document": READERS,
    "export_event": READERS,
    "read_import": OWN,
    "list_events": roles("trust", "commissioner", "region"),
    "read_changes": roles("trust", "commissioner", "region"),
    "read_counts": roles("trust", "commissioner", "region", "national"),
    # By receipt code: no account, no organisation.
    "speak_up": EVERYBODY,
    "follow_receipt": EVERYBODY,
    "hear_at_intake": REACTION_ONLY,
}
