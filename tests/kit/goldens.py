"""Golden contracts: what was once told is told byte for byte the same for ever (E16)."""

import os
from pathlib import Path

from shared.contracts.base import decode, encode, spec_of

FOLDER = Path(__file__).parents[1] / "contracts" / "goldens"
WRITING = "OPENDOOR_WRITE_GOLDENS"
"""Set to write goldens that are missing; one that is there is never written again."""


def assert_golden(contract: object) -> None:
    """The contract's bytes equal its type's golden file, and that file reads as the contract."""
    spec = spec_of(type(contract))
    path = FOLDER / f"{spec.type}.json"
    told = encode(contract)
    if not path.exists() and os.environ.get(WRITING):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(told + b"\n")
    assert told + b"\n" == path.read_bytes()
    assert decode(spec.type, path.read_bytes()) == contract
