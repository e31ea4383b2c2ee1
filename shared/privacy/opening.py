"""From a URL to a vault: which adapter serves, and with which secret."""

from pathlib import Path

from shared.kernel.clock import Clock
from shared.kernel.errors import Misconfigured
from shared.privacy.keystore import KeyStore
from shared.privacy.keystore_sqlite import SqliteKeyStore
from shared.privacy.vault import Vault
from shared.privacy.wrapping import Wrapping

SQLITE = "sqlite:///"


def open_keystore(url: str, service: str) -> KeyStore:
    """The key store at `sqlite:///path` or `postgresql+asyncpg://...`; `{service}` in the URL is
    filled in. Nothing is connected yet. Raises Misconfigured for another URL."""
    place = url.replace("{service}", service)
    if place.startswith(SQLITE):
        return SqliteKeyStore(Path(place.removeprefix(SQLITE)))
    raise Misconfigured("OPENDOOR_KEYS_URL: write sqlite:///path or postgresql+asyncpg://...")


async def open_vault(
    url: str, service: str, secret: bytes, clock: Clock, *earlier_secrets: bytes
) -> Vault:
    """A vault that is ready. Raises Misconfigured for a wrong secret, Unavailable."""
    vault = Vault(open_keystore(url, service), Wrapping(secret, *earlier_secrets), clock)
    try:
        await vault.prepare()
    except BaseException:
        await vault.close()
        raise
    return vault
