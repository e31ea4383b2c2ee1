"""From a URL to a vault: which adapter serves, and with which secret."""

from pathlib import Path

from shared.kernel.clock import Clock
from shared.kernel.errors import Misconfigured
from shared.privacy.keystore import KeyStore
from shared.privacy.keystore_postgres import PostgresKeyStore
from shared.privacy.keystore_sqlite import SqliteKeyStore
from shared.privacy.vault import Vault
from shared.privacy.wrapping import Wrapping

SQLITE, POSTGRES = "sqlite:///", "postgresql+asyncpg://"


def open_keystore(url: str, service: str, *, statement_cache: bool = True) -> KeyStore:
    """The key store at `sqlite:///path` or `postgresql+asyncpg://...`; `{service}` in the URL is
    filled in. Nothing is connected yet. `statement_cache=False` is for PgBouncer in transaction
    mode. Raises Misconfigured for another URL."""
    place = url.replace("{service}", service)
    if place.startswith(SQLITE):
        return SqliteKeyStore(Path(place.removeprefix(SQLITE)))
    if place.startswith(POSTGRES):
        return PostgresKeyStore(place, statement_cache=statement_cache)
    raise Misconfigured("OPENDOOR_KEYS_URL: write sqlite:///path or postgresql+asyncpg://...")


async def open_vault(
    url: str,
    service: str,
    secret: bytes,
    clock: Clock,
    *earlier_secrets: bytes,
    durable: bool = False,
    statement_cache: bool = True,
) -> Vault:
    """A vault that is ready. Outside development ask for a `durable` store.

    Raises Misconfigured for a wrong secret or a store that can lose keys, Unavailable.
    """
    store = open_keystore(url, service, statement_cache=statement_cache)
    vault = Vault(store, Wrapping(secret, *earlier_secrets), clock)
    try:
        await vault.prepare(durable=durable)
    except BaseException:
        await vault.close()
        raise
    return vault
