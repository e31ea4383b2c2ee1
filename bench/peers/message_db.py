"""message-db's SQL, as its npm package holds it, fetched once into an ignored folder."""

import tarfile

import psycopg

from tests.kit.servers.npm import packed
from tests.kit.servers.process import UnavailableError

PACKAGE = "@eventide/message-db@1.3.1"
SHA512 = (
    "9f785d13960064d5d3af61caf601b4189e9dbac81d139e382d3bd2fb6d7fc8e1"
    "0706f36e5333665d7c39bd2d39be97ba452ba1cd3472e56834abb73555f260f8"
)
BASE = "package/database/"

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
    with (
        tarfile.open(packed(PACKAGE, SHA512)) as archive,
        psycopg.connect(url, autocommit=True) as connection,
    ):
        connection.execute("SET search_path TO message_store, public")
        for name in FILES:
            connection.execute(_read(archive, f"{name}.sql"))
        return _read(archive, "VERSION.txt").decode().strip()


def _read(archive: tarfile.TarFile, name: str) -> bytes:
    member = archive.extractfile(f"{BASE}{name}")
    if member is None:
        raise UnavailableError(f"{PACKAGE} has no {name}")
    return member.read()
