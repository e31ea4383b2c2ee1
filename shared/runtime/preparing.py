"""Making a service's database ready: schema, packaged reference data, and the key store."""

from functools import partial

from shared.kernel.clock import SystemClock
from shared.log.base import Store
from shared.log.opening import open_log
from shared.nhs import reference, synthetic
from shared.privacy.opening import open_vault
from shared.runtime.building import Builder, Show, no_bar, patiently
from shared.runtime.migrations import upgrade
from shared.runtime.reference import import_organisations, load_reference
from shared.runtime.service import Service
from shared.runtime.settings import Settings


async def prepare(
    service: Service, settings: Settings, *, build: bool = False, show: Show = no_bar
) -> str:
    """Migrates and loads what is packaged; safe to repeat. Answers the schema reached.

    The synthetic organisations come in where the settings ask for them, in development only. With
    `build` read models are filled in this version's form before anybody reads: for a process that
    is alone. Raises Misconfigured, Broken, Unavailable.
    """
    log = open_log(
        settings.database_for(service.name), SystemClock(), statement_cache=settings.statement_cache
    )
    try:
        reached = await patiently(
            lambda: log.store.write(partial(upgrade, migrations=service.migrations))
        )
        await _load_packaged(log.store, synthetic_too=settings.synthetic and settings.development)
        if build:
            await Builder(service=service, log=log, show=show, others_stopped=True).build()
    finally:
        await log.close()
    vault = await open_vault(
        settings.keys_for(service.name),
        service.name,
        settings.secret(),
        SystemClock(),
        durable=not settings.development,
        statement_cache=settings.statement_cache,
    )
    await vault.close()
    return reached


async def _load_packaged(store: Store, *, synthetic_too: bool) -> None:
    wanted = reference.register()
    if synthetic_too:
        wanted = wanted.merged(synthetic.register())
    held = (await load_reference(store)).register
    # What an operator imported stays as it is: the packaged set only adds what is missing.
    if any(not held.known(code) for code in wanted.codes):
        await import_organisations(store, wanted.merged(held))
