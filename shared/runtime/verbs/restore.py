"""`restore`: a backup becomes the logs of a folder that has none, whole or not at all."""

import asyncio
import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from shared.kernel.errors import Broken, Malformed, Misconfigured
from shared.log.opening import SQLITE
from shared.log.sqlite_copy import copy, sync
from shared.log.sqlite_files import lock
from shared.privacy.opening import open_keystore
from shared.projections.base import LOG_TOPIC
from shared.runtime.backup import ERASED, Copied, keys_file, log_file, read_list, require_whole
from shared.runtime.erasing import READER as ERASER
from shared.runtime.progress import about, progress_bar
from shared.runtime.service import Service
from shared.runtime.settings import Settings
from shared.runtime.verbs.proving import verify_with
from shared.security.evidence import Evidence
from shared.security.evidence_files import read_evidence

ARRIVING = ".restoring"
BUSY = "restore"
"""Its lock file is held in the folder while a backup is restored there."""


def restore(
    services: Sequence[Service],
    settings: Settings,
    folder: Path,
    *,
    keys: Path | None,
    against: Path | None,
) -> dict[str, Any]:
    """Checks every file and chain of the backup (with `against`, also what others kept of the
    logs), then puts them in place and destroys again what was erased. Answers the logs restored,
    and a `sentence`. Raises Malformed, Misconfigured, Broken, Unavailable, OSError."""
    evidence = read_evidence(against.read_bytes()) if against is not None else []
    copied = {one.service: one for one in read_list(folder)}
    missing = [one.name for one in services if one.name not in copied]
    if missing:
        raise Malformed(f"The backup holds no log of {', '.join(missing)}.")
    strange = {one.service for one in evidence} - copied.keys()
    if strange:
        raise Malformed(f"What others kept is about {', '.join(sorted(strange))}: no such log.")
    require_whole(folder, list(copied.values()))
    with _held(services, settings) as targets:
        _require_keys(services, settings, keys)
        for service in services:
            kept = [one for one in evidence if one.service == service.name]
            _verify(service, settings, folder, copied[service.name], keys, kept)
        arrived = _arrived_logs(folder, targets, [copied[one.name] for one in services])
        if keys is not None:
            arrived |= _arrived_keys(services, settings, keys)
        _settle(arrived)
    places = ", ".join(f"{one.name} at position {copied[one.name].position}" for one in services)
    return {
        "folder": str(targets[0].parent),
        "logs": [{"service": one.name, "position": copied[one.name].position} for one in services],
        "sentence": f"Restored to {targets[0].parent}: {places}.{_said_of(services, evidence)}",
    }


def _said_of(services: Sequence[Service], evidence: Sequence[Evidence]) -> str:
    """Of which logs others kept something, and of which nothing: that is not the same."""
    if not evidence:
        return ""
    counts = {one.name: sum(kept.service == one.name for kept in evidence) for one in services}
    told = ", ".join(f"{count or 'none'} of {name}" for name, count in counts.items())
    return f" Heads and receipts that fit: {told}."


@contextmanager
def _held(services: Sequence[Service], settings: Settings) -> Iterator[list[Path]]:
    """The places of the logs, free, and nobody else's while this lasts."""
    targets = [_embedded(log_file(settings, one)) for one in services]
    with ExitStack() as stack:
        try:
            stack.enter_context(closing(lock(targets[0].with_name(BUSY))))
        except Misconfigured:
            raise Misconfigured(
                f"Another restore into {targets[0].parent} is running; wait for its end."
            ) from None
        for target in targets:
            stack.enter_context(closing(lock(target)))
            if target.exists():
                raise Misconfigured(
                    f"{target.parent} holds {target.name} already: move it away, or name an "
                    "empty folder with --data."
                )
        yield targets


def _require_keys(services: Sequence[Service], settings: Settings, keys: Path | None) -> None:
    for service in services:
        there = _embedded(keys_file(settings, service))
        if keys is None and not there.exists():
            raise Misconfigured(
                f"There is no key store {there}: put it there, or name the folder that `backup "
                "--keys` wrote with --keys."
            )
        if keys is not None and there.exists():
            raise Misconfigured(
                f"{there} is there already and may be newer than a copy: leave --keys out to go "
                "on with it, or move it away."
            )
        if keys is not None and not (keys / there.name).exists():
            raise Malformed(f"{keys} holds no {there.name}.")


def _verify(
    service: Service,
    settings: Settings,
    folder: Path,
    copied: Copied,
    keys: Path | None,
    evidence: Sequence[Evidence],
) -> None:
    """Raises Broken where the copy's chain, its list or what others kept say otherwise."""
    in_backup = {"data_dir": folder, "database_url": ""}
    if keys is not None:
        in_backup["keys_url"] = f"{SQLITE}{keys}/{{service}}-keys.db"
    else:
        in_backup["keys_url"] = settings.keys_for("{service}")
    found = verify_with(service, settings.model_copy(update=in_backup), evidence)
    for suffix in ("-wal", "-shm"):
        (folder / f"{copied.file}{suffix}").unlink(missing_ok=True)
    if not found["intact"]:
        raise Broken(found["sentence"])
    if (found["position"], found["hash"]) != (copied.position, copied.hash):
        raise Broken(f"The backup's {copied.file} ends elsewhere than its list says.")


def _arrived_keys(services: Sequence[Service], settings: Settings, keys: Path) -> dict[Path, Path]:
    """The newest copy of the keys, without whatever was ever erased: by place, what goes there."""
    try:
        erased = orjson.loads((keys / ERASED).read_bytes())
    except (FileNotFoundError, ValueError):
        raise Malformed(f"{keys} has no list of what was erased ({ERASED}).") from None
    arrived = {}
    for service in services:
        there = _embedded(keys_file(settings, service))
        arriving = there.with_name(f"{there.name}{ARRIVING}")
        arriving.unlink(missing_ok=True)
        with closing(sqlite3.connect(keys / there.name)) as source:
            copy(source, arriving)
        asyncio.run(_erase(f"{SQLITE}{arriving}", erased.get(service.name, ())))
        arrived[there] = arriving
    return arrived


async def _erase(url: str, ids: Sequence[str]) -> None:
    store = open_keystore(url, "")
    try:
        await store.prepare()
        await store.destroy(ids, datetime.now(UTC))
    finally:
        await store.close()


def _arrived_logs(
    folder: Path, targets: Sequence[Path], copied: Sequence[Copied]
) -> dict[Path, Path]:
    arrived = {}
    for one, target in zip(copied, targets, strict=True):
        arriving = target.with_name(f"{target.name}{ARRIVING}")
        arriving.unlink(missing_ok=True)
        with (
            progress_bar(f"Restoring {one.service}") as progress,
            closing(sqlite3.connect(folder / one.file)) as source,
        ):
            copy(source, arriving, about(progress, "pages"))
        _erase_again(arriving)
        arrived[target] = arriving
    return arrived


def _settle(arrived: Mapping[Path, Path]) -> None:
    for target, arriving in arrived.items():
        for suffix in ("-wal", "-shm"):
            arriving.with_name(f"{arriving.name}{suffix}").unlink(missing_ok=True)
        os.replace(arriving, target)
    for folder in {target.parent for target in arrived}:
        sync(folder)


def _erase_again(log: Path) -> None:
    """The eraser begins from the first event: what an older key store brought back, it destroys."""
    with closing(sqlite3.connect(log)) as database, database:
        database.execute("DELETE FROM cursors WHERE reader = ? AND topic = ?", (ERASER, LOG_TOPIC))
    sync(log)


def _embedded(file: Path | None) -> Path:
    if file is None:
        raise Misconfigured(
            "restore puts back embedded files; how PostgreSQL is restored stands in "
            "docs/running.md under Backups."
        )
    return file
