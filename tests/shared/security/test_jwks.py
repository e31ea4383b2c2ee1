"""The issuer's keys: one shared refresh, not too often, and good keys outlive a bad answer."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import orjson
import pytest
from joserfc.jwk import OctKey

from shared.kernel.errors import Misconfigured, NotAuthenticated, Unavailable
from shared.security.http_client import FetchFailed
from shared.security.jwks import DEFAULT_LIFE, Keys, fetch_of, life_of, read_keys
from tests.shared.security.issuing import EC_KEY, RSA_KEY, Hand, Issuer, jwks

Open = Callable[[Issuer], Keys]


@pytest.fixture
def hand() -> Hand:
    return Hand()


@pytest.fixture
async def open_keys(hand: Hand) -> AsyncIterator[Open]:
    opened: list[Keys] = []

    def one(issuer: Issuer) -> Keys:
        opened.append(Keys(issuer, monotonic=hand))
        return opened[-1]

    yield one
    for keys in opened:
        await keys.close()


async def quiet(keys: Keys) -> None:
    """Until a refresh in the background has ended."""
    while keys._refreshing is not None:
        await asyncio.wait((keys._refreshing,))
        await asyncio.sleep(0)


async def test_many_first_askers_share_one_fetch(open_keys: Open):
    issuer = Issuer(EC_KEY, RSA_KEY)
    keys = open_keys(issuer)
    found = await asyncio.gather(*(keys.find("ec") for _ in range(50)))
    assert issuer.asked == 1
    assert {key.kid for key in found} == {"ec"}


async def test_while_no_key_was_ever_obtained_it_is_unavailable(open_keys: Open, hand: Hand):
    issuer = Issuer(EC_KEY)
    issuer.failing = OSError("away")
    keys = open_keys(issuer)
    for _ in range(3):
        with pytest.raises(Unavailable):
            await keys.find("ec")
    assert issuer.asked == 1
    issuer.failing = None
    hand.at += 1
    assert (await keys.find("ec")).kid == "ec"


async def test_an_unknown_key_is_looked_for_once_in_thirty_seconds(open_keys: Open, hand: Hand):
    issuer = Issuer(EC_KEY)
    keys = open_keys(issuer)
    await keys.find("ec")
    for _ in range(5):
        with pytest.raises(NotAuthenticated) as refusal:
            await keys.find("strange")
        assert refusal.value.slug == "token-unknown-key"
    assert issuer.asked == 2
    hand.at += 30
    with pytest.raises(NotAuthenticated):
        await keys.find("strange")
    assert issuer.asked == 3


async def test_a_rotation_drops_no_valid_request(open_keys: Open):
    issuer = Issuer(EC_KEY)
    keys = open_keys(issuer)
    await keys.find("ec")
    issuer.rotate(EC_KEY, RSA_KEY)
    found = await asyncio.gather(*(keys.find("rsa") for _ in range(20)))
    assert {key.kid for key in found} == {"rsa"}
    assert issuer.asked == 2
    assert keys.generation == 2


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"{}",
        b'{"keys": []}',
        b'{"keys": 3}',
        b"[1]",
        b'{"keys": [{"kty": "EC"}]}',
        OSError(),
        FetchFailed(),
    ],
)
async def test_a_bad_answer_never_replaces_good_keys(
    open_keys: Open, hand: Hand, answer: bytes | Exception
):
    issuer = Issuer(EC_KEY)
    keys = open_keys(issuer)
    await keys.find("ec")
    if isinstance(answer, bytes):
        issuer.document = answer
    else:
        issuer.failing = answer
    hand.at += 301
    for _ in range(3):
        assert (await keys.find("ec")).kid == "ec"
        await quiet(keys)
    assert issuer.asked == 2


async def test_stale_keys_serve_while_new_ones_are_fetched(open_keys: Open, hand: Hand):
    issuer = Issuer(EC_KEY, life=60)
    keys = open_keys(issuer)
    await keys.find("ec")
    gate = asyncio.Event()
    issuer.before = gate.wait
    issuer.rotate(RSA_KEY)
    hand.at += 60
    assert (await keys.find("ec")).kid == "ec"
    gate.set()
    await quiet(keys)
    assert (await keys.find("rsa")).kid == "rsa"
    assert issuer.asked == 2
    with pytest.raises(NotAuthenticated):
        await keys.find("ec")


async def test_a_token_without_kid_takes_the_only_key(open_keys: Open):
    assert (await open_keys(Issuer(EC_KEY)).find(None)).kid == "ec"
    with pytest.raises(NotAuthenticated):
        await open_keys(Issuer(EC_KEY, RSA_KEY)).find(None)


async def test_closing_ends_a_fetch_that_hangs(open_keys: Open):
    issuer = Issuer(EC_KEY)
    asked = asyncio.Event()

    async def hang() -> None:
        asked.set()
        await asyncio.Event().wait()

    issuer.before = hang
    keys = open_keys(issuer)
    asking = asyncio.create_task(keys.find("ec"))
    await asked.wait()
    await keys.close()
    with pytest.raises(asyncio.CancelledError):
        await asking


def test_only_public_signing_keys_are_taken():
    octets = OctKey.generate_key(256, {"kid": "shared secret"}).as_dict(private=True)
    encrypting = {**EC_KEY.as_dict(private=False), "use": "enc", "kid": "enc"}
    private = {**RSA_KEY.as_dict(private=True)}
    keys = read_keys(orjson.dumps({"keys": [octets, encrypting, private, 7, {"kty": "RSA"}]}))
    assert list(keys) == ["rsa"]
    assert not keys["rsa"].is_private


@pytest.mark.parametrize(
    ("header", "life"),
    [
        ("", DEFAULT_LIFE),
        ("no-store", DEFAULT_LIFE),
        ("public, max-age=600", 600),
        ('max-age="90"', 90),
        ("max-age=0", 30),
        ("max-age=999999999", 86_400),
    ],
)
def test_keys_live_as_their_cache_control_says(header: str, life: float):
    assert life_of(header) == life


async def test_keys_are_read_from_a_file(tmp_path: Path):
    path = tmp_path / "with space" / "jwks.json"
    get = fetch_of(path.as_uri())
    with pytest.raises(FileNotFoundError):
        await get()
    path.parent.mkdir()
    path.write_bytes(jwks(EC_KEY))
    assert (await get()).document == jwks(EC_KEY)
    assert (await fetch_of(f"file:{tmp_path}/with space/jwks.json")()).document == jwks(EC_KEY)


@pytest.mark.parametrize("url", ["http://issuer.example/jwks", "ftp://x/y", "", "https:///x"])
def test_other_addresses_are_refused(url: str):
    with pytest.raises(Misconfigured):
        fetch_of(url)
