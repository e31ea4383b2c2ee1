"""What an organisation is to a case: the words that permissions are asked with."""

from services.assurance.domain.case.state import Case
from shared.kernel.decider import Actor


def relations(case: Case, actor: Actor) -> frozenset[str]:
    """What the actor's organisation is to the case: provider, lead, associate, region; or the
    national body, to which come the cases that no region can route and the never events."""
    seats = case.parties
    if seats is None:
        return frozenset()
    at_national = bool(case.decisions) or (seats.region is None and seats.lead is None)
    held = {
        "provider": (seats.provider, seats.provider_acting),
        "lead": (seats.acting,),
        "associate": seats.associates,
        "region": (seats.region,),
        "national": (actor.organisation,) if at_national and actor.kind == "national" else (),
    }
    return frozenset(word for word, codes in held.items() if actor.organisation in codes)
