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
    "decide_classification": (*LEAD, to("national", "national", kinds=NATIONAL)),
    "reroute": (to("region", "region"), to("national", "national", kinds=NATIONAL)),
    "review": LEAD,
    "close": LEAD,
    "record_activity": roles("commissioner"),
    "correct_activity": (to("commissioner", "own"),),
    "withdraw_activity": (to("commissioner", "own"),),
    "record_relation": roles("operator"),
    "record_succession": roles("operator"),
    "read_case": READERS,
    "read_activity": (to("commissioner", "own", "lead", "associate"), to("trust", "provider")),
    "count_activities": OVERSIGHT,
    "read_learning": (to("author", "own", "provider", "lead", "national"),),
    "read_worklist": OVERSIGHT,
    "list_cases": OVERSIGHT,
    "read_clocks": OVERSIGHT,
    "read_case_stream": OVERSIGHT,
    "read_relations": (*OVERSIGHT, to("operator")),
    "read_roles": EVERYBODY,
    "hear_at_assurance": REACTION_ONLY,
}
