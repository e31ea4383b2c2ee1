"""What an organisation is to an activity: the words that permissions are asked with."""

from services.assurance.domain.activity.state import Activity
from shared.kernel.decider import Actor


def relations(activity: Activity, actor: Actor) -> frozenset[str]:
    """`own` to the commissioner that did it, `provider` to a provider that is a subject."""
    if activity.now is None:
        return frozenset()
    held = {
        "own": activity.now.commissioner == actor.organisation,
        "provider": actor.organisation in activity.ids_of("provider"),
    }
    return frozenset(word for word, holds in held.items() if holds)
