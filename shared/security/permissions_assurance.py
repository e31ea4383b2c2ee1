"""Who may do what at assurance."""

from shared.security.grants import EVERYBODY, REACTION_ONLY, Grant, roles, to

NATIONAL = frozenset({"national"})
LEAD = (to("commissioner", "lead"),)
PROVIDER = (to("trust", "own", "provider"),)
READERS = (
    *PROVIDER,
    to("commissioner", "lead", "associate"),
    to("region", "region"),
    to("national", "national"),
)
OVERSIGHT = roles("trust", "commissioner", "region", "national")

ASSURANCE: dict[str, tuple[Grant, ...]] = {
    "acknowledge": LEAD,
    "assign": LEAD,
    "hold_panel": LEAD,
    "decide_classification": (*LEAD, to("national", "national", kinds=NATIONAL)),
    "reroute": (to("region", "region"), to("national", "national", kinds=NATIONAL)),
    "ask": (*LEAD, *PROVIDER),
    "answer": (*LEAD, *PROVIDER),
    "review": LEAD,
    "request_extension": PROVIDER,
    "decide_extension": LEAD,
    "request_clock_stop": PROVIDER,
    "stop_clock": LEAD,
    "decide_deescalation": LEAD,
    "commission_independent": LEAD,
    "update_monthly": (*LEAD, *PROVIDER),
    "escalate": (*LEAD, to("region", "region")),
    "close": LEAD,
    "request_reopening": PROVIDER,
    "reopen": (*LEAD, to("region", "region")),
    "report_action": PROVIDER,
    "verify_action": LEAD,
    "rate_support": PROVIDER,
    "record_activity": roles("commissioner"),
    "correct_activity": (to("commissioner", "own"),),
    "withdraw_activity": (to("commissioner", "own"),),
    "answer_activity": (to("trust", "provider"),),
    "verify_adoption": (to("commissioner", "own"),),
    "request_support": roles("trust"),
    "answer_support": LEAD,
    "deliver_support": LEAD,
    "confirm_support": PROVIDER,
    "answer_alert": PROVIDER,
    "verify_alert": LEAD,
    "reopen_alert": (*LEAD, *PROVIDER),
    "record_relation": roles("operator"),
    "record_succession": roles("operator"),
    "read_case": READERS,
    "read_activity": (to("commissioner", "own", "lead", "associate"), to("trust", "provider")),
    "read_support": READERS,
    "read_alert_responses": READERS,
    "read_learning": (to("author", "own", "provider", "lead", "national"),),
    "read_worklist": OVERSIGHT,
    "list_cases": OVERSIGHT,
    "list_activities": OVERSIGHT,
    "read_clocks": OVERSIGHT,
    "read_profile": OVERSIGHT,
    "read_variation": OVERSIGHT,
    "read_case_stream": OVERSIGHT,
    "read_relations": (*OVERSIGHT, to("operator")),
    "read_roles": EVERYBODY,
    "hear_at_assurance": REACTION_ONLY,
}
