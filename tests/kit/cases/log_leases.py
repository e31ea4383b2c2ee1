"""Leases: one holder at a time, by the database's own clock."""

from datetime import timedelta

from sqlalchemy import update

from shared.log import leases
from shared.log.base import Log
from shared.log.tables import LEASES, Instant
from tests.kit.log_entries import TwoClocks

LONG = timedelta(minutes=10)


class LeaseCases:
    """Needs fixtures `log` and `clock`."""

    async def test_one_holder_at_a_time(self, log: Log):
        assert await leases.acquire(log.store, "relay", "first", LONG)
        assert not await leases.acquire(log.store, "relay", "second", LONG)
        assert await leases.acquire(log.store, "clocks", "second", LONG)
        assert await leases.acquire(log.store, "relay", "first", LONG)
        assert await leases.holder(log.store, "relay") == "first"

    async def test_a_released_lease_is_free(self, log: Log):
        await leases.acquire(log.store, "relay", "first", LONG)
        await leases.release(log.store, "relay", "second")
        assert await leases.holder(log.store, "relay") == "first"
        await leases.release(log.store, "relay", "first")
        assert await leases.holder(log.store, "relay") is None
        assert await leases.acquire(log.store, "relay", "second", LONG)

    async def test_an_expired_lease_is_lost(self, log: Log):
        await leases.acquire(log.store, "relay", "first", timedelta())
        assert await leases.holder(log.store, "relay") is None
        assert await leases.acquire(log.store, "relay", "second", LONG)
        assert not await leases.renew(log.store, "relay", "first", LONG)
        assert await leases.renew(log.store, "relay", "second", LONG)

    async def test_an_expired_lease_is_not_renewed(self, log: Log):
        await leases.acquire(log.store, "relay", "first", timedelta())
        assert not await leases.renew(log.store, "relay", "first", LONG)

    async def test_leases_use_real_time(self, log: Log, clock: TwoClocks):
        await leases.acquire(log.store, "relay", "first", LONG)
        clock.shift = timedelta(days=-3000)
        assert await leases.holder(log.store, "relay") == "first"
        clock.shift = timedelta(days=3000)
        assert await leases.holder(log.store, "relay") == "first"

    async def test_instants_are_kept_to_the_microsecond(self, log: Log, clock: TwoClocks):
        await leases.acquire(log.store, "relay", "first", LONG)
        assert isinstance(LEASES.c.expires_at.type, Instant)
        moment = clock.now().replace(microsecond=123457)
        await log.store.write(
            lambda connection: connection.execute(update(LEASES).values(expires_at=moment))
        )
        rows = await log.store.read(LEASES.select())
        assert [one.expires_at for one in rows] == [moment]
