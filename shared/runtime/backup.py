"""What a backup of the embedded files is: its list of files, where each log stood, and its heads.

The list is written last, so that a backup that did not end has none.
"""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import orjson

from shared.kernel.errors import Malformed
from shared.log.opening import SQLITE
from shared.log.sqlite_copy import sha256, sync
from shared.runtime.service import Service
from shared.runtime.settings import Settings

FORMAT = 1
LIST = "backup.json"
HEADS = "heads.ndjson"
"""The newest signed head of each log, as `opendoor verify --against` reads it."""
ERASED = "erased.json"
"""Beside a copy of the key stores: the ids of keys that were destroyed, by service."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """One log in a backup: its file with size in bytes and SHA-256, its schema, and its head
    (`position`, chain `hash` in hexadecimal)."""

    service: str
    file: str
    bytes: int
    sha256: str
    schema: str
    position: int
    hash: str


def write_list(folder: Path, made_at: str, version: str, logs: list[Copied]) -> None:
    """Says what the backup holds, on the disk."""
    told = {"format": FORMAT, "made_at": made_at, "version": version}
    place = folder / LIST
    place.write_bytes(
        orjson.dumps(
            {**told, "logs": [asdict(one) for one in logs]},
            option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE,
        )
    )
    sync(place)
    sync(folder)


def read_list(folder: Path) -> list[Copied]:
    """What the backup says it holds. Raises Malformed where it is none, or did not end."""
    try:
        told: Any = orjson.loads((folder / LIST).read_bytes())
    except FileNotFoundError:
        raise Malformed(
            f"{folder} is no backup, or one that did not end: it has no {LIST}."
        ) from None
    except ValueError:
        raise Malformed(f"{folder / LIST} is truncated or changed.") from None
    if not isinstance(told, dict) or told.get("format") != FORMAT:
        raise Malformed(f"{folder / LIST} is of a form that this version does not know.")
    try:
        return [Copied(**one) for one in told["logs"]]
    except (KeyError, TypeError):
        raise Malformed(f"{folder / LIST} is truncated or changed.") from None


def require_whole(folder: Path, logs: list[Copied]) -> None:
    """Raises Malformed naming the first file that is not as it was copied."""
    for one in logs:
        file = folder / one.file
        if not file.exists():
            raise Malformed(f"The backup's {one.file} is missing.")
        if file.stat().st_size != one.bytes:
            raise Malformed(
                f"The backup's {one.file} is truncated or changed: "
                f"{file.stat().st_size} bytes, not {one.bytes}."
            )
        if sha256(file) != one.sha256:
            raise Malformed(f"The backup's {one.file} is not what was copied: its bytes changed.")


def log_file(settings: Settings, service: Service) -> Path | None:
    """The file of an embedded log; None for another database."""
    return _file(settings.database_for(service.name))


def keys_file(settings: Settings, service: Service) -> Path | None:
    """The file of an embedded key store; None for another database."""
    return _file(settings.keys_for(service.name))


def _file(url: str) -> Path | None:
    return Path(url.removeprefix(SQLITE)) if url.startswith(SQLITE) else None
