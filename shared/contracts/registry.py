"""The one registry of contracts, filled: import this, and every contract is known (E18)."""

from shared.contracts import assurance, heads, intake, learning
from shared.contracts.base import PARTITIONS, REGISTRY, Spec, spec_of

__all__ = ["PARTITIONS", "REGISTRY", "Spec", "assurance", "heads", "intake", "learning", "spec_of"]
