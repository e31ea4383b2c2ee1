"""What every service tells of its log: signed heads, for anyone to keep."""

from typing import Any

from shared.contracts.base import contract

SERVICES = ("intake", "assurance", "learning")


def topic_of(service: str) -> str:
    """Where a service tells its heads."""
    return f"opendoor.{service}.heads.v1"


def _of(service: str) -> type[Any]:
    @contract(service, "head_signed", topic=topic_of(service), public=True, subscribers_alone=True)
    class HeadSignedV1:
        """The log stood so: `hash` (hexadecimal) is the chain's at `position`, recorded at
        `time`. `deployment` is the first key that the service of this deployment ever signed
        with, `key` the one that made the Ed25519 `signature` (base64url)."""

        service: str
        deployment: str
        position: int
        hash: str
        time: str
        key: str
        signature: str

    return HeadSignedV1


HEADS = {service: _of(service) for service in SERVICES}
"""The contract of each service: one form, a type and a topic for each."""
