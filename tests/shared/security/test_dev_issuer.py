"""The development issuer: its tokens hold in every process, and nowhere but in development."""

import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import orjson
import pytest

from shared.kernel.clock import SettableClock
from shared.kernel.errors import Misconfigured, NotAuthenticated
from shared.security.dev_issuer import DevelopmentIssuer, open_issuer
from shared.security.jwks import Keys, fetch_of
from shared.security.tokens import TokenVerifier
from tests.shared.security.issuing import AUDIENCE, ISSUER, NOW


def issuer_in(folder: Path, environment: str = "development") -> DevelopmentIssuer:
    return open_issuer(
        folder,
        environment=environment,
        issuer=ISSUER,
        audience=AUDIENCE,
        clock=SettableClock(NOW),
    )


def verifier_for(issuer: DevelopmentIssuer) -> TokenVerifier:
    return TokenVerifier(
        Keys(fetch_of(issuer.jwks.as_uri())),
        issuer=ISSUER,
        audience=AUDIENCE,
        clock=issuer.clock,
        kind_of=lambda code, on: "trust",
    )


async def test_a_token_holds_in_another_process_and_after_a_restart(tmp_path: Path):
    first = issuer_in(tmp_path / "issuer")
    verifier = verifier_for(first)
    again = issuer_in(tmp_path / "issuer")
    for issuer in (first, again):
        principal = await verifier.principal(issuer.issue("R0A", "trust"))
        assert principal.organisation == "R0A"
        assert principal.person == "dev"
        assert principal.roles == frozenset({"trust"})
        principal.require_scope("learning/write")


async def test_a_token_says_what_was_asked_for(tmp_path: Path):
    issuer = issuer_in(tmp_path)
    text = issuer.issue(
        "03N",
        ("commissioner", "author"),
        person="p7",
        client="portal",
        scopes=("assurance/read",),
        lifetime=timedelta(minutes=1),
        further_organisations=("15F",),
    )
    principal = await verifier_for(issuer).principal(text, "15F")
    assert principal.roles == frozenset({"commissioner", "author"})
    assert (principal.person, principal.client) == ("p7", "portal")
    assert principal.organisations == ("03N", "15F")
    assert principal.scopes == frozenset({"assurance/read"})
    assert principal.expires_at == NOW + timedelta(minutes=1)


async def test_tokens_of_another_folder_do_not_hold(tmp_path: Path):
    here, elsewhere = issuer_in(tmp_path / "here"), issuer_in(tmp_path / "elsewhere")
    with pytest.raises(NotAuthenticated):
        await verifier_for(here).principal(elsewhere.issue("R0A", "trust"))


@pytest.mark.parametrize("environment", ["production", "", "Development"])
def test_it_refuses_every_other_environment(tmp_path: Path, environment: str):
    with pytest.raises(Misconfigured):
        issuer_in(tmp_path / "issuer", environment)
    assert not (tmp_path / "issuer").exists()


@pytest.mark.parametrize("roles", ["chief", (), ("trust", "chief")])
def test_it_knows_its_roles(tmp_path: Path, roles: str | tuple[str, ...]):
    with pytest.raises(Misconfigured):
        issuer_in(tmp_path).issue("R0A", roles)


def test_the_key_is_for_its_owner_alone_and_the_public_file_holds_none_of_it(tmp_path: Path):
    issuer = issuer_in(tmp_path)
    assert stat.S_IMODE((tmp_path / "key.json").stat().st_mode) == 0o600
    (public,) = orjson.loads(issuer.jwks.read_bytes())["keys"]
    assert "d" not in public
    assert sorted(one.name for one in tmp_path.iterdir()) == ["jwks.json", "key.json"]


def test_many_processes_that_start_at_once_have_one_key(tmp_path: Path):
    with ThreadPoolExecutor(8) as threads:
        issuers = list(threads.map(lambda _: issuer_in(tmp_path), range(16)))
    assert len({issuer.key.thumbprint() for issuer in issuers}) == 1


def test_a_damaged_key_file_is_told(tmp_path: Path):
    (tmp_path / "key.json").write_text("{")
    with pytest.raises(Misconfigured):
        issuer_in(tmp_path)
