"""message-db's SQL, as its npm package holds it, fetched once into an ignored folder."""

import hashlib
import json
import shutil
import subprocess
import tarfile
from pathlib import Path

import psycopg

from tests.kit.servers.process import UnavailableError
from tests.kit.servers.run import locked

PACKAGE = "@eventide/message-db@1.3.1"
SHA512 = (
    "9f785d13960064d5d3af61caf601b4189e9dbac81d139e382d3bd2fb6d7fc8e1"
    "0706f36e5333665d7c39bd2d39be97ba452ba1cd3472e56834abb73555f260f8"
)
FOLDER = Path(__file__).parents[2] / "node_modules" / ".message-db"
BASE = "package/database/"
SECONDS = 90

FILES = (
    "roles/message-store",
    "schema/message-store",
    "tables/messages",
    "types/message",
    "functions/message-store-version",
    "functions/hash-64",
    "functions/acquire-lock",
    "functions/category",
    "functions/is-category",
    "functions/id",
    "functions/cardinal-id",
    "functions/stream-version",
    "functions/write-message",
    "indexes/messages-id",
    "indexes/messages-stream",
    "indexes/messages-category",
)
"""In the order of its own installation. What only reads is left out, and pgcrypto: it gave the
random UUID that PostgreSQL has by itself since 13."""


def install(url: str) -> str:
    """Installs it into an empty database and answers its version. Raises UnavailableError where
    the package is not there and cannot be fetched."""
    with tarfile.open(_package()) as archive, psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET search_path TO message_store, public")
        for name in FILES:
            connection.execute(_read(archive, f"{name}.sql"))
        return _read(archive, "VERSION.txt").decode().strip()


def _read(archive: tarfile.TarFile, name: str) -> bytes:
    member = archive.extractfile(f"{BASE}{name}")
    if member is None:
        raise UnavailableError(f"{PACKAGE} has no {name}")
    return member.read()


def _package() -> Path:
    FOLDER.mkdir(parents=True, exist_ok=True)
    kept = FOLDER / f"{SHA512[:16]}.tgz"
    with locked(FOLDER / "lock"):
        if not kept.exists():
            _fetched().replace(kept)
    return kept


def _fetched() -> Path:
    npm = shutil.which("npm")
    if npm is None:
        raise UnavailableError(f"no npm on the PATH to fetch {PACKAGE}")
    command = [npm, "pack", PACKAGE, "--pack-destination", str(FOLDER), "--json"]
    try:
        said = subprocess.run(
            command, cwd=FOLDER, capture_output=True, text=True, timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise UnavailableError(f"npm took longer than {SECONDS} s") from None
    if said.returncode:
        raise UnavailableError(f"npm said: {said.stderr[-300:].strip()}")
    name: str = json.loads(said.stdout)[0]["filename"]
    packed = FOLDER / name.replace("@", "").replace("/", "-")
    if hashlib.sha512(packed.read_bytes()).hexdigest() != SHA512:
        raise UnavailableError(f"{PACKAGE} is not the one that was looked at")
    return packed
