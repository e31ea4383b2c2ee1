"""Who may do what at learning."""

from shared.security.grants import REACTION_ONLY, Grant, roles, to
from shared.security.roles import ROLES

NATIONAL = frozenset({"national"})
AUTHOR = (to("author", "own"),)
MEMBERS = roles(*ROLES)
PUBLIC = (Grant(role=None, relations=frozenset({"published"})),)

LEARNING: dict[str, tuple[Grant, ...]] = {
    "dismiss_suggestion": roles("author"),
    "start_lesson": roles("author"),
    "add_source": AUTHOR,
    "revise_draft": AUTHOR,
    "submit_for_review": AUTHOR,
    "abandon_lesson": AUTHOR,
    "approve": (to("reviewer", "own"),),
    "publish": (*AUTHOR, to("reviewer", "own")),
    "withdraw_lesson": (*AUTHOR, to("reviewer", "own")),
    "record_adoption": roles("trust", "commissioner"),
    "read_suggestions": roles("author", "reviewer"),
    "read_lesson": (*PUBLIC, to("author", "own"), to("reviewer", "own")),
    "read_adoption": roles("trust", "commissioner", "region", "national"),
    "read_stream": MEMBERS,
    "read_national_table": MEMBERS,
    "hear_at_learning": REACTION_ONLY,
}
