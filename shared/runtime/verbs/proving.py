"""`verify` and `receipt verify`: whether a log, and what was kept of it, can be as it was."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from shared.kernel.errors import Broken, Malformed
from shared.log.against import Against
from shared.log.chain import verify as verify_chain
from shared.runtime.counting import counted
from shared.runtime.existing import open_existing, require_known
from shared.runtime.progress import progress_bar
from shared.runtime.service import Service
from shared.runtime.settings import Settings
from shared.runtime.verbs.keys import published
from shared.security.evidence import Evidence, KeySeries, Receipt, fault_of, salted_digest
from shared.security.evidence_files import read_evidence, read_receipt, read_salt

TOLD = 20
"""Faults that are told in words; a rewritten log fits none of the heads after the place."""


def verify(
    service: Service, settings: Settings, *, against: Path | None = None, keys: str | None = None
) -> dict[str, Any]:
    """Reads the whole log and checks its chain, and what `against` holds: `intact`, `position`,
    `hash`, and a `sentence`. Raises Malformed, OSError, Unavailable."""
    evidence = () if against is None else read_evidence(against.read_bytes())
    return verify_with(service, settings, evidence, keys=keys)


def verify_with(
    service: Service, settings: Settings, evidence: Sequence[Evidence], *, keys: str | None = None
) -> dict[str, Any]:
    """The same, with what others kept already read. Raises Malformed, OSError, Unavailable."""
    held = Against(service.name, (), ())
    if evidence:
        held = _signatures_of(service, evidence, published((service,), settings, keys))
    return asyncio.run(_verify(service, settings, held))


def _signatures_of(
    service: Service, evidence: Sequence[Evidence], series: Sequence[KeySeries]
) -> Against:
    """Many signatures take longer than the chain they are about: the bar shows both."""
    total = len(evidence)
    with progress_bar("Checking signatures") as progress:
        return Against(
            service.name, evidence, series, lambda count: progress(count, total, f"of {total}")
        )


async def _verify(service: Service, settings: Settings, against: Against) -> dict[str, Any]:
    log = open_existing(service, settings, reads_only=True)
    try:
        await require_known(service, log)
        total = (await log.head()).position
        with progress_bar(f"Verifying {service.name}") as progress:
            head = await verify_chain(
                log,
                lambda position: progress(position, total, f"position {position}"),
                meet=against.meet,
            )
    except Broken as error:
        return _faulty(service, [error.detail, *against.faults])
    finally:
        await log.close()
    against.end(head)
    if against.faults:
        return _faulty(service, against.faults)
    fit = counted(against.held, "head or receipt fits", "heads and receipts fit")
    held = f", and {fit}" if against.held else ""
    events = counted(head.position, "event")
    return {
        "service": service.name,
        "intact": True,
        "position": head.position,
        "hash": head.hash.hex(),
        "held": against.held,
        "sentence": f"{service.name}: {events}, the chain is whole{held}.",
    }


def _faulty(service: Service, faults: Sequence[str]) -> dict[str, Any]:
    lines = [f"{service.name}: {one}" for one in faults[:TOLD]]
    if len(faults) > TOLD:
        further = counted(len(faults) - TOLD, "further fault")
        lines.append(f"{service.name}: {further} of this kind.")
    return {
        "service": service.name,
        "intact": False,
        "faults": list(faults[:TOLD]),
        "sentence": "\n".join(lines),
    }


def verify_receipt(
    services: Sequence[Service],
    settings: Settings,
    file: Path,
    *,
    keys: str | None = None,
    filed: Path | None = None,
) -> dict[str, Any]:
    """Checks one receipt, with `keys` without reaching anything of this deployment: `holds` and
    a `sentence`. With `filed`, the bytes that were sent, also that they are what was filed.
    Raises Malformed for what is no receipt, OSError, Unavailable, Misconfigured."""
    text = file.read_bytes()
    receipt = read_receipt(text)
    own = [one for one in services if one.name == receipt.service]
    fault = fault_of(receipt, published(own, settings, keys))
    if fault is None and filed is not None:
        fault = _fault_of_content(receipt, read_salt(text), filed.read_bytes())
    return {
        "holds": fault is None,
        "service": receipt.service,
        "id": receipt.id,
        "position": receipt.position,
        "time": receipt.time,
        "sentence": fault or _said(receipt, filed),
    }


def _fault_of_content(receipt: Receipt, salt: str | None, filed: bytes) -> str | None:
    if salt is None:
        raise Malformed("The file has no receipt_salt: keep the whole answer, and give that.")
    if salted_digest(salt, filed) != receipt.digest:
        return f"{receipt.name} is not about these bytes: something else was filed."
    return None


def _said(receipt: Receipt, filed: Path | None) -> str:
    what = "These bytes" if filed else "The receipt holds: it"
    was = "were" if filed else "was"
    return (
        f"{what} {was} filed with {receipt.service} as {receipt.id} at {receipt.time}, position "
        f"{receipt.position} of its log."
    )
