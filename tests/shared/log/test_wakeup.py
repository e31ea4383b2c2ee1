"""Wake-up across processes: heard by others, told together, found again after a cut."""

import asyncio

import asyncpg
import psycopg
import pytest

from shared.log import wakeup
from shared.log.postgres import plain_url
from shared.log.wakeup import CHANNEL, Wakeup
from tests.kit.servers.postgres_process import libpq


class Ear:
    """Counts what it hears."""

    def __init__(self) -> None:
        self.count = 0
        self._more = asyncio.Event()

    def __call__(self, *told: object) -> None:
        self.count += 1
        self._more.set()

    async def hears(self, count: int) -> None:
        while self.count < count:
            self._more.clear()
            await self._more.wait()


async def test_others_hear_and_the_teller_does_not(postgres_url: str):
    own, other = Ear(), Ear()
    teller, listener = Wakeup(postgres_url, own), Wakeup(postgres_url, other)
    teller.start()
    listener.start()
    await asyncio.gather(own.hears(1), other.hears(1))
    teller.tell()
    await other.hears(2)
    listener.tell()
    await own.hears(2)
    assert other.count == 2
    await asyncio.gather(teller.stop(), listener.stop())


async def test_many_tellings_are_few_notifications(postgres_url: str):
    ear = Ear()
    direct = await asyncpg.connect(plain_url(postgres_url))
    await direct.add_listener(CHANNEL, ear)
    teller = Wakeup(postgres_url)
    for _ in range(1_000):
        teller.tell()
    teller.start()
    await ear.hears(1)
    await direct.fetch("SELECT 1")
    assert ear.count == 1
    await teller.stop()
    await direct.close()


async def test_a_cut_connection_is_made_again(postgres_url: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(wakeup, "RETRY_SECONDS", 0.01)
    ear = Ear()
    listener = Wakeup(postgres_url, ear)
    listener.start()
    await ear.hears(1)
    with psycopg.connect(libpq(postgres_url), autocommit=True) as admin:
        admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        await ear.hears(2)
        admin.execute(f"NOTIFY {CHANNEL}")
    await ear.hears(3)
    await listener.stop()


async def test_nobody_waits_for_a_database_that_is_away(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(wakeup, "RETRY_SECONDS", 0.01)
    teller = Wakeup(f"{postgres_url}_absent")
    teller.start()
    teller.tell()
    await asyncio.sleep(0)
    await teller.stop()
    await teller.stop()


async def test_what_the_address_says_of_tls_holds_on_this_connection_too(postgres_url: str):
    assert (
        plain_url("postgresql+asyncpg://u@h/d?ssl=require") == "postgresql://u@h/d?sslmode=require"
    )
    own, other = Ear(), Ear()
    teller, listener = (Wakeup(f"{postgres_url}?ssl=prefer", one) for one in (own, other))
    teller.start()
    listener.start()
    await asyncio.gather(own.hears(1), other.hears(1))
    await asyncio.gather(teller.stop(), listener.stop())
