"""Proving the log to others: what is handed out, and what the verbs say of it afterwards."""

import asyncio
import shutil
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import jsonschema_rs
import orjson
import pytest

from services.__main__ import load_services
from services.demonstration import story_2018 as story
from services.demonstration.player import Answer
from services.intake.service import service as intake
from shared.contracts.heads import topic_of
from shared.kernel.clock import SystemClock
from shared.kernel.errors import Malformed
from shared.log.base import Log
from shared.log.opening import open_log
from shared.privacy.opening import open_vault
from shared.runtime.heads import sign_head
from shared.runtime.settings import DEVELOPMENT_SECRET, Settings, load_settings
from shared.runtime.verbs.keys import rotate
from shared.runtime.verbs.proving import verify, verify_receipt
from shared.web.series import PublishedSeries
from tests.journeys.walks import cast_of
from tests.kit.rewriting import cut, rewrite
from tests.kit.world import World, embedded_world
from tests.runtime.command_line import Ended, OpenDoor

NOW = datetime(2018, 12, 19, 9, tzinfo=UTC)
BODY = orjson.dumps(story.connected_to_air("2018-12-14"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What people kept of a deployment that ran for a while; `folder` holds its databases."""

    folder: Path
    filed: httpx.Response
    repeated: httpx.Response
    after_rotation: httpx.Response
    to_trust: Answer
    to_trust_after_erasing: Answer
    to_commissioner: Answer
    to_another: Answer
    keys_before: httpx.Response
    keys: httpx.Response
    heads: httpx.Response
    page: httpx.Response
    topic: bytes
    openapi: dict[str, Any]

    @property
    def receipt(self) -> dict[str, Any]:
        return dict(self.filed.json()["receipt"])


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    folder = tmp_path_factory.mktemp("deployment")
    return asyncio.run(_lived(folder))


async def _lived(folder: Path) -> Kept:
    async with embedded_world(folder, NOW) as world:
        engine = world.stage.workers["intake"].engine
        cast = cast_of(world)
        await story.relate(cast)
        await world.settle()
        filed = await _file(world, "first")
        await sign_head(engine)
        repeated, keys_before = await _file(world, "first"), await _open(world, "/intake/keys")
        await engine.vault.signing.rotate()
        await engine.signer.prepare()
        after_rotation = await _file(world, "first")
        await _file(world, "second")
        await sign_head(engine)
        await world.settle()
        receipt = f"/intake/events/{filed.json()['id']}/receipt"
        told = await PublishedSeries(log=engine.log, topic=topic_of("intake")).after(0, 9)
        to_trust = await cast.at_trust().get(receipt)
        await cast.at_trust().does(
            f"/intake/events/{filed.json()['id']}/erasure",
            {"scope": "reporter", "ground": "request"},
        )
        return Kept(
            folder=folder,
            filed=filed,
            repeated=repeated,
            after_rotation=after_rotation,
            to_trust=to_trust,
            to_trust_after_erasing=await cast.at_trust().get(receipt),
            to_commissioner=await cast.visitor().get(receipt),
            to_another=await cast.reader().get(receipt),
            keys_before=keys_before,
            keys=await _open(world, "/intake/keys"),
            heads=await _open(world, "/intake/heads"),
            page=await _open(world, "/intake/heads?limit=1"),
            topic=b"\n".join(one.data for one in told),
            openapi=(await _open(world, "/intake/openapi.json")).json(),
        )


async def _file(world: World, key: str) -> httpx.Response:
    """The very same bytes each time."""
    token = world.token(cast_of(world).trust, "trust", "p1")
    headers = {
        "Authorization": f"Bearer {token}",
        "Idempotency-Key": f'"{key}"',
        "Content-Type": "application/json",
    }
    return await world.client.post("/intake/events", content=BODY, headers=headers)


async def _open(world: World, path: str) -> httpx.Response:
    return await world.client.get(path)


@pytest.fixture
def folder(kept: Kept, tmp_path: Path) -> Path:
    """A copy of the deployment, to spoil."""
    return Path(shutil.copytree(kept.folder, tmp_path / "copy"))


def settings_in(folder: Path) -> Settings:
    return load_settings(environment="development", data_dir=folder)


def file_of(folder: Path, name: str, content: bytes | dict[str, Any]) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else orjson.dumps(content))
    return path


def test_a_filing_is_answered_with_a_receipt_and_a_repeat_with_the_same(kept: Kept):
    assert kept.filed.status_code == 201, kept.filed.text
    body = kept.filed.json()
    assert kept.receipt["id"] == body["id"]
    assert kept.receipt["position"] == body["position"]
    assert kept.repeated.json() == body
    assert kept.after_rotation.json() == body


def test_the_api_says_what_a_filing_is_answered(kept: Kept):
    paths, schemas = kept.openapi["paths"], kept.openapi["components"]["schemas"]
    for status in ("200", "201"):
        said = paths["/events"]["post"]["responses"][status]["content"]["application/json"]
        assert said["schema"] == {"$ref": "#/components/schemas/Filed"}
    validator = jsonschema_rs.validator_for(
        {**schemas["Filed"], "components": {"schemas": schemas}}
    )
    validator.validate(kept.filed.json())
    assert set(schemas["Receipt"]["required"]) == kept.receipt.keys()
    for path in ("/keys", "/heads"):
        assert paths[path]["get"]["security"] == []
    assert "/events/{event}/receipt" in paths


def test_the_receipt_is_reached_again_by_who_may_read_the_event(kept: Kept):
    salt = kept.filed.json()["receipt_salt"]
    assert kept.to_trust.body == {"receipt": kept.receipt, "receipt_salt": salt}
    assert kept.to_commissioner.body == {"receipt": kept.receipt}
    assert kept.to_another.status == 404


def test_nobody_can_try_what_was_erased(kept: Kept):
    assert kept.to_trust_after_erasing.body == {"receipt": kept.receipt}


def test_keys_are_published_for_ever(kept: Kept):
    (only,) = kept.keys_before.json()["items"]
    first, second = kept.keys.json()["items"]
    assert first["valid_until"] is not None
    assert {**first, "valid_until": None} == only
    assert second["valid_until"] is None
    assert kept.keys.json()["deployment"] == first["id"] == kept.receipt["key"]


def test_heads_are_listed_the_newest_first(kept: Kept):
    items = kept.heads.json()["items"]
    assert [one["n"] for one in items] == [2, 1]
    assert [one["key"] for one in items] == [one["id"] for one in kept.keys.json()["items"]][::-1]
    assert kept.page.json()["items"] == items[:1]
    assert "next" in kept.page.json()["links"]


def test_a_receipt_is_verified_offline(kept: Kept, tmp_path: Path):
    answer = file_of(tmp_path, "answer.json", kept.filed.content)
    keys = str(file_of(tmp_path, "keys.json", kept.keys_before.content))
    filed = file_of(tmp_path, "filed.json", BODY)
    elsewhere = settings_in(tmp_path / "nothing")
    found = verify_receipt(load_services(), elsewhere, answer, keys=keys, filed=filed)
    assert found["holds"], found
    other = file_of(tmp_path, "other.json", BODY + b" ")
    found = verify_receipt(load_services(), elsewhere, answer, keys=keys, filed=other)
    assert not found["holds"]
    assert "something else was filed" in found["sentence"]
    assert not (tmp_path / "nothing").exists()


def test_without_a_salt_nobody_can_tell_what_was_filed(kept: Kept, tmp_path: Path):
    receipt = file_of(tmp_path, "receipt.json", kept.receipt)
    filed = file_of(tmp_path, "filed.json", BODY)
    with pytest.raises(Malformed, match="receipt_salt"):
        verify_receipt((intake,), settings_in(kept.folder), receipt, filed=filed)


def test_the_log_bears_out_what_was_kept(kept: Kept, folder: Path):
    everything = b"\n".join((kept.heads.content, kept.topic, kept.filed.content))
    against = file_of(folder, "kept.ndjson", everything)
    found = verify(intake, settings_in(folder), against=against)
    assert found["intact"], found
    assert found["held"] == 5
    keys = str(file_of(folder, "keys.json", kept.keys.content))
    assert verify(intake, settings_in(folder), against=against, keys=keys)["held"] == 5


def test_a_log_rewritten_with_fresh_hashes_is_found_by_who_kept_heads(kept: Kept, folder: Path):
    asyncio.run(_spoiled(folder, lambda log: rewrite(log, 1, b'{"forged":true}')))
    settings = settings_in(folder)
    assert verify(intake, settings)["intact"]
    against = file_of(folder, "heads.json", kept.heads.content)
    found = verify(intake, settings, against=against)
    assert not found["intact"]
    assert found["sentence"].count("the log was rewritten.") == 2


def test_a_log_without_its_end_is_found_by_who_kept_a_head(kept: Kept, folder: Path):
    head, earlier = (one["position"] for one in kept.heads.json()["items"])
    asyncio.run(_spoiled(folder, lambda log: cut(log, earlier)))
    settings = settings_in(folder)
    assert verify(intake, settings)["intact"]
    against = file_of(folder, "heads.ndjson", kept.topic)
    found = verify(intake, settings, against=against)
    assert found["sentence"] == (
        f"intake: The log ends at {earlier}, the head says {head}: its end was cut off."
    )


async def _spoiled(folder: Path, spoil: Callable[[Log], Awaitable[None]]) -> None:
    log = open_log(settings_in(folder).database_for("intake"), SystemClock())
    try:
        await spoil(log)
    finally:
        await log.close()


@pytest.fixture
def verifies(opendoor: OpenDoor, kept: Kept, tmp_path: Path) -> OpenDoor:
    """`receipt verify` of a file with this content, offline with the keys that were kept."""
    keys = file_of(tmp_path, "keys.json", kept.keys.content)

    def run(content: bytes | dict[str, Any], *more: str) -> Ended:
        file = file_of(tmp_path, "receipt.json", content)
        return opendoor("receipt", "verify", str(file), "--keys", str(keys), *more)

    return run


def test_the_command_says_that_a_receipt_holds(verifies: OpenDoor, kept: Kept):
    ended = verifies(kept.filed.content)
    assert (ended.status, ended.err) == (0, "")
    assert ended.out.startswith("The receipt holds: it was filed with intake as ")
    told = orjson.loads(verifies(kept.receipt, "--json").out)
    assert told["holds"] is True


def test_the_command_says_in_one_sentence_why_a_receipt_does_not_hold(
    verifies: OpenDoor, kept: Kept
):
    receipt = kept.receipt
    for changed, sentence in (
        ({"deployment": "another-deployment"}, "is of another deployment than the keys."),
        ({"service": "learning"}, "is of a service whose keys are not at hand."),
        ({"key": "another-key"}, "names key 'another-key', which is not among the keys."),
        ({"position": receipt["position"] + 1}, "is forged or was changed"),
        ({"id": "x" * 26}, "is forged or was changed"),
    ):
        ended = verifies({**receipt, **changed})
        ended.says(sentence)
        assert ended.status == 1
        as_json = verifies({**receipt, **changed}, "--json")
        assert (as_json.status, orjson.loads(as_json.out)["holds"]) == (1, False)
    verifies(b"dear reader").says("The file is not a receipt, or it is no longer whole.")
    verifies(kept.filed.content[:-40]).says("The file is not a receipt")


def test_a_receipt_of_another_deployment_is_called_so(
    opendoor: OpenDoor, kept: Kept, tmp_path: Path
):
    there = tmp_path / "there"
    store = settings_in(there).keys_for("intake")
    asyncio.run(_began(store))
    receipt = str(file_of(tmp_path, "receipt.json", kept.receipt))
    ended = opendoor("receipt", "verify", receipt, "--data", str(there))
    ended.says("is of another deployment than the keys.")


async def _began(store: str) -> None:
    """Another deployment of intake that signed something once; its master secret is the same."""
    vault = await open_vault(store, "intake", DEVELOPMENT_SECRET.encode(), SystemClock())
    await vault.signing.have_one()
    await vault.close()


def test_bad_keys_and_missing_files_are_said_in_one_sentence(
    opendoor: OpenDoor, kept: Kept, tmp_path: Path
):
    file = str(file_of(tmp_path, "receipt.json", kept.receipt))
    bad = str(file_of(tmp_path, "bad.json", b"[1]"))
    opendoor("receipt", "verify", file, "--keys", bad).says("The keys are not what")
    opendoor("receipt", "verify", file, "--keys", "gone.json").says("gone.json: No such file")
    opendoor("receipt", "verify", "gone.json").says("gone.json: No such file")
    opendoor("receipt", "verify", file).says("There is no key store")
    address = "http://127.0.0.1:1/intake/keys"
    opendoor("receipt", "verify", file, "--keys", address).says("could not be fetched")


def test_the_command_names_what_the_log_does_not_bear_out(
    opendoor: OpenDoor, kept: Kept, folder: Path
):
    where = ("--data", str(folder))
    forged = {**kept.heads.json()["items"][0], "position": 1}
    against = str(file_of(folder, "kept.json", forged))
    ended = opendoor("verify", "intake", "--against", against, *where)
    assert ended.status == 1
    assert "The head of intake at position 1 is forged or was changed" in ended.out
    nothing = str(file_of(folder, "nothing.json", b"{}"))
    opendoor("verify", "intake", "--against", nothing, *where).says("neither a head nor a receipt")
    heads = str(file_of(folder, "heads.json", kept.heads.content))
    one = str(file_of(folder, "one.json", kept.heads.json()["items"][0]))
    said = opendoor("verify", "intake", "--against", one, *where).out
    assert said.endswith(", the chain is whole, and 1 head or receipt fits.\n")
    ended = opendoor("verify", "intake", "--against", heads, "--json", *where)
    assert (ended.status, orjson.loads(ended.out)["held"]) == (0, 2)


def test_keys_are_listed_and_rotated(opendoor: OpenDoor, kept: Kept, folder: Path):
    where = ("--data", str(folder))
    listed = orjson.loads(opendoor("keys", "list", "intake", "--json", *where).out)
    assert listed == kept.keys.json()
    assert opendoor("keys", "rotate", "intake", *where).out.startswith("intake: 3 keys, ")
    assert f"; they lie in {folder}/intake-keys.db.\n" in opendoor("keys", "list", *where).out
    text = opendoor("keys", "list", *where).out
    assert text.count(" until replaced") == 3
    every = orjson.loads(opendoor("keys", "list", "--json", *where).out)["series"]
    assert [one["service"] for one in every] == ["intake", "assurance", "learning"]
    file = str(file_of(folder, "every.json", {"series": every}))
    receipt = str(file_of(folder, "receipt.json", kept.receipt))
    assert opendoor("receipt", "verify", receipt, "--keys", file).status == 0


def test_a_new_key_is_dated_by_the_clock_of_the_deployment(folder: Path):
    before = datetime.now(UTC) - timedelta(minutes=1)
    newest = rotate(intake, settings_in(folder))["items"][-1]
    assert datetime.fromisoformat(newest["valid_from"]) > before
