"""`backup`: the embedded logs as they all stood at one moment, while they are written on."""

import asyncio
import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from shared.contracts.envelope import cloud_event
from shared.contracts.heads import topic_of
from shared.kernel.errors import Misconfigured
from shared.log.base import Head
from shared.log.opening import SQLITE
from shared.log.sqlite_copy import at_one_moment, copy, sha256, sync
from shared.privacy.opening import open_keystore
from shared.runtime.app import VERSION
from shared.runtime.backup import ERASED, HEADS, Copied, keys_file, log_file, write_list
from shared.runtime.existing import open_existing, require_known
from shared.runtime.progress import about, progress_bar
from shared.runtime.service import Service
from shared.runtime.settings import Settings

PAGE = 1_000
WITHOUT_KEYS = (
    " Without --keys nothing was kept of the keys: where the key store is lost, what is sealed in "
    "this backup can never be read."
)


def backup(
    services: Sequence[Service], settings: Settings, folder: Path, *, keys: Path | None
) -> dict[str, Any]:
    """Copies every log into an empty folder and, with `keys`, the key stores into another, where
    only the newest copy is kept. Answers the logs copied, and a `sentence`. Raises Misconfigured,
    Unavailable, Broken, OSError."""
    logs = [_required(log_file(settings, one)) for one in services]
    if keys is not None:
        _require_apart(keys, folder)
        _key_stores(services, settings)
    _require_empty(folder)
    made_at = datetime.now(UTC)
    with at_one_moment(logs) as sources:
        for service, source in zip(services, sources, strict=True):
            with progress_bar(f"Copying {service.name}") as progress:
                copy(source, folder / f"{service.name}.db", about(progress, "pages"))
    copied = [asyncio.run(_described(service, settings, folder)) for service in services]
    write_list(folder, made_at.isoformat(), VERSION, copied)
    if keys is not None:
        copy_keys(services, settings, keys)
    places = ", ".join(f"{one.service} at position {one.position}" for one in copied)
    return {
        "folder": str(folder),
        "logs": [{"service": one.service, "position": one.position} for one in copied],
        "sentence": f"Copied {logs[0].parent} to {folder}: {places}.{'' if keys else WITHOUT_KEYS}",
    }


def copy_keys(services: Sequence[Service], settings: Settings, folder: Path) -> None:
    """The newest copy of the key stores takes the place of the one before, with the list of what
    was erased: an older copy would bring it back. Raises Misconfigured, Unavailable, OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    stores = _key_stores(services, settings)
    with at_one_moment(stores) as sources:
        for store, source in zip(stores, sources, strict=True):
            fresh = folder / f"{store.name}.new"
            fresh.unlink(missing_ok=True)
            copy(source, fresh)
    erased = {
        one.name: asyncio.run(_erased_of(f"{SQLITE}{folder / store.name}.new"))
        for one, store in zip(services, stores, strict=True)
    }
    listed = folder / f"{ERASED}.new"
    listed.write_bytes(orjson.dumps(erased, option=orjson.OPT_APPEND_NEWLINE))
    sync(listed)
    for name in (*(store.name for store in stores), ERASED):
        os.replace(folder / f"{name}.new", folder / name)
    sync(folder)


def _key_stores(services: Sequence[Service], settings: Settings) -> list[Path]:
    return [_required(keys_file(settings, one)) for one in services]


async def _erased_of(url: str) -> list[str]:
    """The ids of all keys that a store destroyed."""
    store = open_keystore(url, "")
    found: list[str] = []
    try:
        while some := await store.tombstones(found[-1] if found else "", PAGE):
            found.extend(one.id for one in some)
    finally:
        await store.close()
    return found


async def _described(service: Service, settings: Settings, folder: Path) -> Copied:
    """What the copy holds; its newest signed head is added to the backup's heads."""
    file = folder / f"{service.name}.db"
    in_copy = settings.model_copy(update={"data_dir": folder, "database_url": ""})
    log = open_existing(service, in_copy, reads_only=True)
    try:
        schema = await require_known(service, log)
        head: Head = await log.head()
        topic = topic_of(service.name)
        newest = (await log.published_heads(topic)).get(0, 0)
        with (folder / HEADS).open("ab") as heads:
            for row in await log.published(topic, 0, newest - 1, 1) if newest else ():
                heads.write(cloud_event(row).structured() + b"\n")
        sync(folder / HEADS)
    finally:
        await log.close()
    # Reading may have left files of SQLite's own beside the copy; it needs none of them.
    for suffix in ("-wal", "-shm"):
        file.with_name(f"{file.name}{suffix}").unlink(missing_ok=True)
    return Copied(
        service=service.name,
        file=file.name,
        bytes=file.stat().st_size,
        sha256=sha256(file),
        schema=schema or "",
        position=head.position,
        hash=head.hash.hex(),
    )


def _required(file: Path | None) -> Path:
    if file is None:
        raise Misconfigured(
            "backup copies the embedded files; how PostgreSQL is backed up stands in "
            "docs/running.md under Backups."
        )
    if not file.exists():
        raise Misconfigured(f"There is no {file} to copy: name its folder with --data.")
    return file


def _require_apart(keys: Path, folder: Path) -> None:
    if keys.resolve().is_relative_to(folder.resolve()):
        raise Misconfigured(
            "Keys never lie in a backup of what they protect: name another folder with --keys."
        )


def _require_empty(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    held = next(folder.iterdir(), None)
    if held is not None:
        raise Misconfigured(
            f"{folder} is not empty (it holds {held.name}): a backup gets a folder of its own."
        )
