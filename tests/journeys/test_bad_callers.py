"""Callers who are not who they say, or act for whom they may not, or send no request key."""

from base64 import urlsafe_b64encode
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey

from services.demonstration.story_2018 import connected_to_air
from tests.journeys.doors import MARK, Asks, Doors, Headers, json_of
from tests.kit.world import World

pytestmark = pytest.mark.asyncio(loop_scope="module")

REPORT = json_of(connected_to_air("2018-12-14"))
ACTING = "NHSD-End-User-Organisation-ODS"


def forged(
    world: World, key: Any = None, header: dict[str, Any] | None = None, **claims: Any
) -> str:
    """A token like the development issuer's, with another key, header or claims."""
    issuer = world.stage.issuer
    now = int(world.stage.clock.now().timestamp())
    usual = {
        "iss": issuer.issuer,
        "aud": issuer.audience,
        "sub": "p1",
        "client_id": "epr",
        "organisation": "RTH",
        "roles": ["trust"],
        "scope": "intake/read intake/write",
        "nbf": now,
        "exp": now + 300,
    }
    head = {"alg": "ES256", "kid": issuer.key.thumbprint(), **(header or {})}
    made = {name: one for name, one in {**usual, **claims}.items() if one is not None}
    signed: str = jwt.encode(head, made, key or issuer.key, algorithms=["ES256", "HS256"])
    return signed


def ended(world: World) -> str:
    return world.stage.issuer.issue("RTH", "trust", lifetime=timedelta(minutes=-5))


def begins_later(world: World) -> str:
    later = int(world.stage.clock.now().timestamp()) + 60
    return forged(world, nbf=later)


def changed(world: World) -> str:
    """Somebody else's claims under a good token's signature."""
    head, _, signature = world.token("RTH", "trust", "p1").split(".")
    _, claims, _ = world.token("RR8", "trust", "p1").split(".")
    return f"{head}.{claims}.{signature}"


def of_another_key(world: World) -> str:
    key = ECKey.generate_key("P-256", {"kid": MARK})
    return forged(world, key=key, header={"kid": MARK})


def under_our_name(world: World) -> str:
    return forged(world, key=ECKey.generate_key("P-256"))


def signed_with_what_is_public(world: World) -> str:
    return forged(
        world, key=OctKey.import_key(b"a public key is no secret at all"), header={"alg": "HS256"}
    )


def unsigned(world: World) -> str:
    _, claims, _ = world.token("RTH", "trust", "p1").split(".")
    head = urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("=")
    return f"{head}.{claims}."


def headed(world: World, header: bytes) -> str:
    """A token with a header that names no algorithm, and nobody's signature."""
    _, claims, signature = world.token("RTH", "trust", "p1").split(".")
    return f"{urlsafe_b64encode(header).decode().rstrip('=')}.{claims}.{signature}"


TOKENS: dict[str, tuple[Callable[[World], str | None], int, str]] = {
    "none": (lambda world: None, 401, "token-missing"),
    "another scheme": (lambda world: f"Basic {MARK}", 401, "token-missing"),
    "no token behind the word": (lambda world: "Bearer", 401, "token-missing"),
    "words": (lambda world: f"Bearer {MARK} {MARK}", 401, "token-malformed"),
    "three parts of nothing": (
        lambda world: f"Bearer {MARK}.{MARK}.{MARK}",
        401,
        "token-malformed",
    ),
    "a long one": (lambda world: "Bearer " + "e" * 9000, 401, "token-malformed"),
    "expired": (lambda world: f"Bearer {ended(world)}", 401, "token-expired"),
    "not yet valid": (lambda world: f"Bearer {begins_later(world)}", 401, "token-not-yet-valid"),
    "changed": (lambda world: f"Bearer {changed(world)}", 401, "token-bad-signature"),
    "another key": (lambda world: f"Bearer {of_another_key(world)}", 401, "token-unknown-key"),
    "our name": (lambda world: f"Bearer {under_our_name(world)}", 401, "token-bad-signature"),
    "a shared secret": (
        lambda world: f"Bearer {signed_with_what_is_public(world)}",
        401,
        "token-bad-signature",
    ),
    "unsigned": (lambda world: f"Bearer {unsigned(world)}", 401, "token-bad-signature"),
    "a list for an algorithm": (
        lambda world: "Bearer " + headed(world, b'{"alg":[]}'),
        401,
        "token-malformed",
    ),
    "no text for an algorithm": (
        lambda world: "Bearer " + headed(world, b'{"alg":{}}'),
        401,
        "token-malformed",
    ),
    "an end after all days": (
        lambda world: f"Bearer {forged(world, exp=1e300)}",
        401,
        "token-malformed",
    ),
    "an end that is no number": (
        lambda world: f"Bearer {forged(world, exp=float('nan'))}",
        401,
        "token-malformed",
    ),
    "a person of NUL": (
        lambda world: f"Bearer {forged(world, sub='a' + chr(0))}",
        401,
        "token-malformed",
    ),
    "another issuer": (
        lambda world: f"Bearer {forged(world, iss=f'https://{MARK}.example')}",
        401,
        "token-wrong-issuer",
    ),
    "another audience": (
        lambda world: f"Bearer {forged(world, aud=MARK)}",
        401,
        "token-wrong-audience",
    ),
    "no end": (lambda world: f"Bearer {forged(world, exp=None)}", 401, "token-malformed"),
    "nobody": (lambda world: f"Bearer {forged(world, sub=None)}", 401, "token-malformed"),
    "an unknown organisation": (
        lambda world: f"Bearer {forged(world, organisation='ZZ99')}",
        403,
        "organisation-not-allowed",
    ),
    "an organisation that is no code": (
        lambda world: f"Bearer {forged(world, organisation=MARK)}",
        403,
        "organisation-not-allowed",
    ),
    "no organisation": (
        lambda world: f"Bearer {forged(world, organisation=None)}",
        403,
        "organisation-not-allowed",
    ),
    "several organisations": (
        lambda world: f"Bearer {forged(world, organisations=['RTH', 'RR8'])}",
        403,
        "organisation-not-allowed",
    ),
    "a board that is not there yet": (
        lambda world: f"Bearer {world.token('QU9', 'commissioner', 'p1')}",
        403,
        "organisation-not-allowed",
    ),
    "only to read": (
        lambda world: f"Bearer {forged(world, scope='intake/read')}",
        403,
        "scope-missing",
    ),
    "for another service": (
        lambda world: f"Bearer {forged(world, scope='learning/write')}",
        403,
        "scope-missing",
    ),
    "no role": (lambda world: f"Bearer {forged(world, roles=[])}", 403, "not-allowed"),
    "a role of no such kind": (
        lambda world: f"Bearer {world.token('10Q', 'trust', 'p1')}",
        403,
        "not-allowed",
    ),
    "another role": (
        lambda world: f"Bearer {world.token('10Q', 'commissioner', 'p1')}",
        403,
        "not-allowed",
    ),
}


@pytest.mark.parametrize("name", TOKENS)
async def test_a_caller_who_may_not_is_refused(doors: Doors, name: str):
    make, status, slug = TOKENS[name]
    asks = Asks(content=REPORT, headers={"Authorization": make(doors.world)})
    await doors.refused(asks, status, slug)


async def test_who_is_not_known_is_told_how_to_be(doors: Doors):
    answer = await doors.send(Asks(content=REPORT, headers={"Authorization": None}))
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("code", ["RR8", "ZZ99", MARK, "rth", "", "RTH, RR8"])
async def test_a_report_in_the_name_of_another_organisation_is_refused(doors: Doors, code: str):
    asks = Asks(content=REPORT, headers={ACTING: code})
    await doors.refused(asks, 403, "organisation-not-allowed")


async def test_one_of_several_organisations_acts_where_it_is_named(doors: Doors):
    token = forged(doors.world, organisations=["RTH", "RR8"])
    headers = {"Authorization": f"Bearer {token}", ACTING: "RR8"}
    told = await doors.send(Asks(content=REPORT, headers=headers))
    assert told.status_code == 201, told.text
    shown = await doors.world.person("RR8", "trust").sees(f"/intake/events/{told.json()['id']}")
    assert shown["reported_by"] == "RR8"


UNKEYED: dict[str, tuple[Headers, str]] = {
    "no key": ({"Idempotency-Key": None}, "idempotency-key-missing"),
    "an id that is no UUID": (
        {"Idempotency-Key": None, "X-Request-ID": "request-1"},
        "idempotency-key-missing",
    ),
    "an empty key": ({"Idempotency-Key": '""'}, "idempotency-key-malformed"),
    "nothing": ({"Idempotency-Key": ""}, "idempotency-key-malformed"),
    "half a key": ({"Idempotency-Key": f'"{MARK}'}, "idempotency-key-malformed"),
    "two keys in one": ({"Idempotency-Key": '"a", "b"'}, "idempotency-key-malformed"),
    "a long key": ({"Idempotency-Key": f'"{"k" * 129}"'}, "idempotency-key-malformed"),
    "a long request id": ({"X-Request-ID": "i" * 129}, "malformed"),
    "a long correlation id": ({"X-Correlation-ID": "i" * 129}, "malformed"),
    "a correlation id with spaces": ({"X-Correlation-ID": f"a {MARK}"}, "malformed"),
}


@pytest.mark.parametrize("name", UNKEYED)
async def test_a_header_that_is_none_is_refused(doors: Doors, name: str):
    headers, slug = UNKEYED[name]
    await doors.refused(Asks(content=REPORT, headers=headers), 400, slug)


async def test_every_type_of_problem_has_its_page(doors: Doors):
    """The slug of a problem leads to what it means."""
    problem = await doors.refused(Asks(content=b"{"), 400, "bad-json")
    page = await doors.world.client.get(f"/intake{problem['type']}")
    assert page.status_code == 200
    assert problem["title"] in page.text
