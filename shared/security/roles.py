"""Roles, the kinds of organisation that may hold them, and what an organisation is to a thing."""

from collections.abc import Mapping
from types import MappingProxyType

PROVIDERS = frozenset({"trust", "independent_provider", "primary_care", "other_provider"})
WRITERS = frozenset({"trust", "independent_provider", "commissioner", "national"})
OVERSEERS = frozenset({"national", "regulator", "investigator"})

ROLES: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "trust": PROVIDERS,
        "commissioner": frozenset({"commissioner"}),
        "region": frozenset({"region"}),
        "national": OVERSEERS,
        "author": WRITERS,
        "reviewer": WRITERS,
        "issuer": frozenset({"national", "regulator"}),
        "operator": frozenset({"national", "region"}),
    }
)
"""Each role a token may name, with the kinds of organisation at which it counts; at any other kind
it gives no right. A role is also a preset of `opendoor token --role`."""

RELATIONS: Mapping[str, str] = MappingProxyType(
    {
        "own": "the organisation reported, wrote, asked for or did it",
        "provider": "the care was given there, or the thing is about this provider",
        "named": "a proposal that waits for an answer names the organisation",
        "lead": "the commissioner that leads, by contract or by succession",
        "associate": "a further commissioner of the provider on the day",
        "region": "the region of the provider or commissioner on the day",
        "national": "a national body to which it has come: unrouted, escalated or decided there",
        "published": "it is public",
    }
)
"""The words by which a service says what the actor's organisation is to a thing."""
