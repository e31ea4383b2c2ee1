"""`keys list` and `keys rotate`, and where a verifier finds public keys."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

from shared.kernel.clock import SystemClock
from shared.kernel.errors import Misconfigured, Unavailable
from shared.privacy.opening import SQLITE, open_vault
from shared.privacy.signing import SigningKey, SigningKeys
from shared.runtime.counting import counted
from shared.runtime.service import Service
from shared.runtime.settings import Settings
from shared.runtime.showing import masked
from shared.runtime.signing import series_of, shown_keys
from shared.security.evidence import KeySeries
from shared.security.evidence_files import read_keys
from shared.security.http_client import FetchFailed, fetch

Keys = Sequence[SigningKey]


def listed(services: Sequence[Service], settings: Settings) -> list[dict[str, Any]]:
    """Each service's public keys, as `GET /<service>/keys` answers them, and a `sentence`."""
    return [_shown(one, settings, _of(one, settings, lambda keys: keys.all())) for one in services]


def rotate(service: Service, settings: Settings) -> dict[str, Any]:
    """Makes a new key that signs from now on; the others stay published. As `listed`."""
    return _shown(service, settings, _of(service, settings, lambda keys: keys.rotate()))


def published(
    services: Sequence[Service], settings: Settings, given: str | None
) -> list[KeySeries]:
    """The keys to verify with: those of a file or an address that answers as `/keys`, or else
    those of this deployment. Raises Malformed, Unavailable, OSError, Misconfigured."""
    if given is None:
        held = [(one.name, _of(one, settings, lambda keys: keys.all())) for one in services]
        return [series_of(name, keys) for name, keys in held if keys]
    if given.startswith(("https://", "http://")):
        return read_keys(_fetched(given))
    return read_keys(Path(given).read_bytes())


def _fetched(url: str) -> bytes:
    try:
        return asyncio.run(fetch(url)).body
    except FetchFailed as error:
        raise Unavailable(f"The keys could not be fetched: {error}.") from None


def _shown(service: Service, settings: Settings, keys: Keys) -> dict[str, Any]:
    newest = f", {keys[-1].id} signs" if keys else ""
    place = masked(settings.keys_for(service.name).removeprefix(SQLITE))
    sentence = f"{service.name}: {counted(len(keys), 'key')}{newest}; they lie in {place}."
    return {**shown_keys(service.name, keys), "sentence": sentence}


def _of(
    service: Service, settings: Settings, ask: Callable[[SigningKeys], Awaitable[Keys]]
) -> Keys:
    url = settings.keys_for(service.name)
    file = Path(url.removeprefix(SQLITE))
    if url.startswith(SQLITE) and not file.exists():
        raise Misconfigured(
            f"There is no key store {file}: run `opendoor migrate {service.name}`, or name its "
            "folder with --data."
        )

    async def run() -> Keys:
        vault = await open_vault(
            url,
            service.name,
            settings.secret(),
            SystemClock(settings.offset),
            durable=not settings.development,
            statement_cache=settings.statement_cache,
        )
        try:
            return await ask(vault.signing)
        finally:
            await vault.close()

    return asyncio.run(run())
