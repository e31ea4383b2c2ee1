"""Tokens: what holds gives a principal, and each fault has its own name (M4-M6, H9)."""

import json
from base64 import urlsafe_b64encode
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from joserfc import jws, jwt
from joserfc.jwk import ECKey, OctKey, RSAKey

from shared.kernel.clock import SettableClock
from shared.kernel.errors import NotAllowed, NotAuthenticated, Unavailable
from shared.security.claims import ClaimNames
from shared.security.jwks import Keys
from shared.security.tokens import TokenVerifier
from tests.shared.security.issuing import (
    AUDIENCE,
    EC_KEY,
    ISSUER,
    NOW,
    RSA_KEY,
    Hand,
    Issuer,
    token,
)

END_OF_9999 = 253_402_300_800
NESTED = b"[" * 5_000 + b"]" * 5_000
KINDS = {"R0A": "trust", "RBK": "trust", "03N": "commissioner"}


class World:
    """A verifier with its clock, its issuer and a register that ends 03N in July 2022."""

    def __init__(self, **options: Any) -> None:
        self.clock = SettableClock(NOW)
        self.issuer = Issuer(EC_KEY, RSA_KEY)
        self.hand = Hand()
        self.asked_on: list[date] = []
        self.verifier = TokenVerifier(
            Keys(self.issuer, monotonic=self.hand),
            issuer=ISSUER,
            audience=AUDIENCE,
            clock=self.clock,
            kind_of=self.kind_of,
            **options,
        )
        self.principal = self.verifier.principal

    def kind_of(self, code: str, on: date) -> str | None:
        self.asked_on.append(on)
        return None if code == "03N" and on >= date(2022, 7, 1) else KINDS.get(code)


@pytest.fixture
def world() -> World:
    return World()


async def refused(world: World, text: str, acting_for: str | None = None) -> str:
    with pytest.raises((NotAuthenticated, NotAllowed)) as refusal:
        await world.principal(text, acting_for)
    assert text not in refusal.value.detail or not text
    return refusal.value.slug


@pytest.mark.parametrize("key", [EC_KEY, RSA_KEY], ids=["ES256", "RS256"])
async def test_a_good_token_gives_a_principal(world: World, key: ECKey | RSAKey):
    principal = await world.principal(token(key))
    assert principal.client == "epr"
    assert principal.person == "person-1"
    assert principal.organisation == "R0A"
    assert principal.kind == "trust"
    assert principal.roles == frozenset({"trust"})
    assert principal.scopes == frozenset({"intake/read", "intake/write"})
    assert principal.expires_at == datetime(2018, 12, 19, 12, 5, tzinfo=UTC)
    assert world.asked_on == [date(2018, 12, 19)]


@pytest.mark.parametrize(
    ("slug", "make"),
    [
        ("token-malformed", lambda: "not a token"),
        ("token-malformed", lambda: ""),
        ("token-malformed", lambda: "a.b.c"),
        ("token-malformed", lambda: "é" * 20),
        ("token-malformed", lambda: token() + "x" * 20_000),
        ("token-malformed", lambda: token(without=("exp",))),
        ("token-malformed", lambda: token(exp="tomorrow")),
        ("token-malformed", lambda: token(exp=True)),
        ("token-malformed", lambda: token(without=("sub",))),
        ("token-malformed", lambda: token(roles=[1])),
        ("token-malformed", lambda: token(scope={"a": 1})),
        ("token-expired", lambda: token(exp=int(NOW.timestamp()) - 31)),
        ("token-not-yet-valid", lambda: token(nbf=int(NOW.timestamp()) + 31)),
        ("token-wrong-audience", lambda: token(aud="another")),
        ("token-wrong-audience", lambda: token(without=("aud",))),
        ("token-wrong-issuer", lambda: token(iss="https://elsewhere.example")),
        ("token-unknown-key", lambda: token(header={"kid": "strange"})),
        ("token-bad-signature", lambda: token(ECKey.generate_key("P-256", {"kid": "ec"}))),
        ("token-bad-signature", lambda: token(RSA_KEY, header={"kid": "ec"})),
        ("token-bad-signature", lambda: _unsigned()),
        ("token-bad-signature", lambda: _signed_with_the_public_key()),
        ("token-bad-signature", lambda: token(RSA_KEY, header={"alg": "PS256"})),
        ("token-malformed", lambda: _headed(b'{"alg":[]}')),
        ("token-malformed", lambda: _headed(b'{"alg":{}}')),
        ("token-malformed", lambda: _headed(b'{"alg":"ES256","kid":' + NESTED + b"}")),
        ("token-malformed", lambda: _headed(b'["alg"]')),
        ("token-malformed", lambda: token(exp=END_OF_9999)),
        ("token-malformed", lambda: token(exp=1e20)),
        ("token-malformed", lambda: token(exp=1e300)),
        ("token-malformed", lambda: token(exp=10**400)),
        ("token-malformed", lambda: token(exp=float("inf"))),
        ("token-malformed", lambda: token(exp=float("nan"))),
        ("token-malformed", lambda: token(nbf=float("nan"))),
        ("token-malformed", lambda: token(nbf=-1e300)),
        ("token-malformed", lambda: _holding(sub="a\ud800")),
        ("token-malformed", lambda: token(client_id="a\x00b")),
        ("token-malformed", lambda: _holding(organisation="R\ud8000A")),
        ("token-malformed", lambda: token(roles=["trust\x00"])),
        ("token-malformed", lambda: _claiming(b'{"sub":' + NESTED + b"}")),
        ("token-malformed", lambda: _claiming(b'["sub"]')),
        ("token-malformed", lambda: _claiming(b'{"sub":"\xff"}')),
    ],
)
async def test_each_fault_has_its_own_name(world: World, slug: str, make: Callable[[], str]):
    assert await refused(world, make()) == slug


def _unsigned() -> str:
    _, body, _ = token().split(".")
    return f"eyJhbGciOiJub25lIn0.{body}."


def _headed(header: bytes) -> str:
    """A token with a header that no library would write."""
    _, body, signature = token().split(".")
    return f"{_part(header)}.{body}.{signature}"


def _claiming(claims: bytes) -> str:
    """A token whose claims are any bytes, with a signature that holds."""
    return jws.serialize_compact({"alg": "ES256", "kid": "ec"}, claims, EC_KEY)


def _holding(**changed: str) -> str:
    """A token whose claims are written in ASCII, so that they can hold half a pair."""
    claims = {"sub": "person-1", "exp": int(NOW.timestamp()) + 300, **changed}
    usual = {"iss": ISSUER, "aud": AUDIENCE, "organisation": "R0A", "roles": ["trust"]}
    return _claiming(json.dumps({**usual, **claims}).encode())


def _part(content: bytes) -> str:
    return urlsafe_b64encode(content).decode().rstrip("=")


def _signed_with_the_public_key() -> str:
    """The old trick: the public key taken for the secret of an HMAC."""
    secret = OctKey.import_key(RSA_KEY.as_pem(private=False).decode()[27:-25].strip())
    return jwt.encode({"alg": "HS256", "kid": "rsa"}, {"sub": "x"}, secret, algorithms=["HS256"])


async def test_half_a_minute_of_skew_is_borne(world: World):
    moment = int(NOW.timestamp())
    assert await world.principal(token(exp=moment - 29)) is not None
    assert await world.principal(token(nbf=moment + 29)) is not None


async def test_a_verified_token_is_kept_until_it_expires(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    text = token()
    await world.principal(text)
    monkeypatch.setattr("shared.security.tokens._decoded", None)
    assert (await world.principal(text)).organisation == "R0A"
    world.clock.advance(timedelta(seconds=331))
    assert await refused(world, text) == "token-expired"
    world.clock.set(NOW - timedelta(days=1))
    assert await refused(world, text) == "token-not-yet-valid"


async def test_what_is_kept_is_bounded_and_ends_with_a_change_of_keys(
    monkeypatch: pytest.MonkeyPatch,
):
    world = World(remembered=2)
    texts = [token(jti=str(n)) for n in range(3)]
    for text in texts:
        await world.principal(text)
    assert len(world.verifier._verified._held) == 2
    world.issuer.rotate(RSA_KEY)
    assert await refused(world, token(header={"kid": "gone"})) == "token-unknown-key"
    assert await refused(world, texts[-1]) == "token-unknown-key"


async def test_simulated_time_moves_the_judgement_of_tokens_alone(world: World):
    await world.principal(token())
    world.clock.set(datetime(2030, 1, 1, tzinfo=UTC))
    later = int(world.clock.now().timestamp())
    assert (await world.principal(token(nbf=later, exp=later + 60))).kind == "trust"
    assert world.issuer.asked == 1


async def test_the_kind_is_the_registers_on_the_london_day_of_use(world: World):
    commissioner = token(organisation="03N", roles=["commissioner"], exp=int(2e9))
    assert (await world.principal(commissioner)).kind == "commissioner"
    # Half past midnight in London on 1 July is still June in UTC.
    world.clock.set(datetime(2022, 6, 30, 23, 30, tzinfo=UTC))
    assert await refused(world, commissioner) == "organisation-not-allowed"


async def test_one_of_several_organisations_is_named_by_the_header(world: World):
    text = token(organisations=["R0A", "RBK"])
    assert await refused(world, text) == "organisation-not-allowed"
    assert (await world.principal(text, "RBK")).organisation == "RBK"
    assert (await world.principal(text, "R0A")).organisations == ("R0A", "RBK")
    assert await refused(world, text, "03N") == "organisation-not-allowed"
    assert await refused(world, token(), "RBK") == "organisation-not-allowed"
    assert (await world.principal(token(), "R0A")).organisation == "R0A"


async def test_an_organisation_must_be_named_and_known(world: World):
    assert await refused(world, token(without=("organisation",))) == "organisation-not-allowed"
    assert await refused(world, token(organisation="ZZZ99")) == "organisation-not-allowed"


async def test_without_the_issuers_keys_it_is_unavailable_not_refused(world: World):
    world.issuer.failing = OSError()
    with pytest.raises(Unavailable):
        await world.principal(token())


async def test_claims_may_have_other_names_and_spellings():
    spelling = {"urn:example:level3:intake": "intake/write"}
    names = ClaimNames(organisation="ods", roles="groups", client=("azp",), spelling=spelling)
    text = token(
        ods="RBK",
        groups="trust author",
        azp="portal",
        aud=["other", AUDIENCE],
        scope=["urn:example:level3:intake", "openid"],
        without=("organisation", "roles"),
    )
    principal = await World(names=names).principal(text)
    assert principal.organisation == "RBK"
    assert principal.roles == frozenset({"trust", "author"})
    assert principal.client == "portal"
    assert principal.scopes == frozenset({"intake/write", "openid"})


async def test_algorithms_can_be_fewer_but_never_more():
    narrow = World(algorithms=("RS256", "HS256", "none"))
    assert await refused(narrow, token(EC_KEY)) == "token-bad-signature"
    assert await refused(narrow, _signed_with_the_public_key()) == "token-bad-signature"
    assert (await narrow.principal(token(RSA_KEY))).kind == "trust"
