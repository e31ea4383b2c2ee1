"""The command line in wrong hands: one clear sentence, an exit status, and no traceback."""

import asyncio
import os
import shutil
import socket
import subprocess
import sys
from contextlib import closing
from json import loads
from pathlib import Path
from sqlite3 import connect

import pytest

from shared.kernel.clock import SystemClock
from shared.privacy.opening import open_vault
from shared.runtime.settings import DEVELOPMENT_SECRET
from tests.runtime.command_line import Ended, OpenDoor

SECRET = "0123456789abcdef0123456789abcdef"
POSTGRES = "postgresql+asyncpg://127.0.0.1/{service}"
ROOT = Path(__file__).parents[2]


USAGE: dict[str, tuple[tuple[str, ...], str]] = {
    "an unknown command": (("frobnicate",), "No such command 'frobnicate'"),
    "an unknown option": (("up", "--turbo"), "No such option"),
    "no service": (("serve",), "Missing argument"),
    "an unknown service": (("serve", "pharmacy"), "The services are intake, assurance, learning."),
    "all of them": (("verify", "all"), "The services are intake, assurance, learning."),
    "an unknown service to migrate": (("migrate", "pharmacy"), "The services are"),
    "a port that is no number": (("up", "--port", "door"), "'--port'"),
    "no organisation": (("token", "--role", "trust"), "--organisation"),
    "hours without end": (
        ("token", "--organisation", "RTH", "--role", "trust", "--hours", "9999"),
        "'--hours'",
    ),
    "passed by without a reason": (
        ("dead-letters", "skip", "intake", "opendoor.learning.v1/0#1"),
        "Missing option '--reason'",
    ),
    "passed by for no reason": (
        ("dead-letters", "skip", "intake", "opendoor.learning.v1/0#1", "--reason", " "),
        "Say why the record will never be taken: --reason.",
    ),
    "an unknown format": (
        ("import", "organisations", "some.tsv", "--format", "ods"),
        "--format is one of",
    ),
}


@pytest.mark.parametrize("name", USAGE)
def test_wrong_usage_ends_with_status_2(opendoor: OpenDoor, name: str):
    arguments, sentence = USAGE[name]
    ended = opendoor(*arguments)
    ended.says(sentence)
    assert ended.status == 2


@pytest.mark.parametrize("group", ["", "receipt", "keys", "import", "dead-letters", "projections"])
def test_no_command_at_all_is_answered_by_the_page_of_help(opendoor: OpenDoor, group: str):
    ended = opendoor(*group.split())
    assert (ended.status, ended.out) == (2, "")
    assert ended.err.startswith(
        f"Usage: {' '.join(('opendoor', *group.split()))} [OPTIONS] COMMAND"
    )
    assert "\n\nCommands:\n  " in ended.err
    assert ended.err == opendoor(*group.split(), "--help").out


SETTINGS: dict[str, tuple[dict[str, str], str]] = {
    "a port beyond ports": ({"port": "70000"}, "OPENDOOR_PORT"),
    "a port that is no number": ({"port": "door"}, "OPENDOOR_PORT"),
    "another environment": ({"environment": "staging"}, "OPENDOOR_ENVIRONMENT"),
    "another database": ({"database_url": "mysql://host/x"}, "OPENDOOR_DATABASE_URL"),
    "another bus": ({"bus_url": "amqp://host"}, "OPENDOOR_BUS_URL"),
    "a time that is none": ({"clock_offset": "yesterday"}, "OPENDOOR_CLOCK_OFFSET"),
    "no secret": ({}, "OPENDOOR_MASTER_SECRET_FILE"),
    "a short secret": ({"master_secret": "short"}, "32 bytes"),
    "the default secret": ({"master_secret": DEVELOPMENT_SECRET}, "development secret"),
    "a secret's file that is not there": (
        {"master_secret_file": "nowhere/secret"},
        "OPENDOOR_MASTER_SECRET_FILE cannot be read",
    ),
    "another time in production": (
        {"master_secret": SECRET, "clock_offset": "-P1D"},
        "OPENDOOR_CLOCK_OFFSET is for development only.",
    ),
    "keys beside what they protect": (
        {
            "master_secret": SECRET,
            "database_url": "sqlite:///{service}.db",
            "keys_url": "sqlite:///{service}.db",
        },
        "OPENDOOR_KEYS_URL must name another database",
    ),
    "no migrated database": (
        {
            "environment": "development",
            "port": "0",
            "database_url": "sqlite:///none.db",
        },
        "run `opendoor migrate intake`, or name its file with OPENDOOR_DATABASE_URL.",
    ),
    "no folder with databases": (
        {"environment": "development", "port": "0"},
        "run `opendoor migrate intake`, or name its folder with OPENDOOR_DATA_DIR.",
    ),
    "no issuer in production": ({"master_secret": SECRET}, "Set OPENDOOR_JWKS_URL to where"),
    "a log in a file in production": (
        {"master_secret": SECRET, "jwks_url": "file:/jwks.json"},
        "Set OPENDOOR_DATABASE_URL to postgresql+asyncpg://",
    ),
    "keys in a file in production": (
        {"master_secret": SECRET, "jwks_url": "file:/jwks.json", "database_url": POSTGRES},
        "Set OPENDOOR_KEYS_URL to postgresql+asyncpg://",
    ),
    "no bus in production": (
        {
            "master_secret": SECRET,
            "jwks_url": "file:/jwks.json",
            "database_url": POSTGRES,
            "keys_url": f"{POSTGRES}-keys",
        },
        "Set OPENDOOR_BUS_URL=kafka://host:port",
    ),
}


@pytest.mark.parametrize("name", SETTINGS)
def test_a_process_does_not_start_on_bad_settings(opendoor: OpenDoor, name: str):
    settings, sentence = SETTINGS[name]
    ended = opendoor("serve", "intake", **settings)
    ended.says(sentence)
    assert ended.status == 1
    assert not any(secret in ended.err for secret in (SECRET, DEVELOPMENT_SECRET, "short"))


@pytest.mark.parametrize("verb", [("up",), ("demo",), ("serve", "intake"), ("work", "intake")])
def test_a_variable_that_is_no_setting_is_warned_of(opendoor: OpenDoor, verb: tuple[str, ...]):
    taken = {"host": "203.0.113.7", "health_port": "1", "bus_url": "kafka://127.0.0.1:1"}
    ended = opendoor(*verb, environment="development", prot="8055", **taken)
    warning, _sentence = ended.err.splitlines()
    told = loads(warning)
    assert (told["level"], told["code"]) == ("warning", "OD-LOG-018")
    assert told["detail"] == "OPENDOOR_PROT is no setting: is OPENDOOR_PORT meant?"


def test_migrate_says_what_is_set_in_vain_and_makes_no_file_in_production(
    opendoor: OpenDoor, tmp_path: Path
):
    """Where the address is misspelt, a file would be brought up to date that nobody reads."""
    ended = opendoor("migrate", master_secret=SECRET, databse_url=POSTGRES)
    warning, sentence = ended.err.splitlines()
    assert warning == "OPENDOOR_DATABSE_URL is no setting: is OPENDOOR_DATABASE_URL meant?"
    assert sentence.startswith("Set OPENDOOR_DATABASE_URL to postgresql+asyncpg://")
    assert (ended.status, list(tmp_path.iterdir())) == (1, [])


def test_a_worker_needs_kafka(opendoor: OpenDoor):
    opendoor("work", "intake", master_secret=SECRET).says("OPENDOOR_BUS_URL=kafka://")


def test_a_worker_of_production_shares_no_file(opendoor: OpenDoor):
    ended = opendoor("work", "intake", master_secret=SECRET, bus_url="kafka://127.0.0.1:1")
    ended.says("Set OPENDOOR_DATABASE_URL to postgresql+asyncpg://")


@pytest.mark.parametrize("verb", [("up",), ("demo",), ("serve", "intake")])
def test_a_port_in_use_is_said(opendoor: OpenDoor, verb: tuple[str, ...]):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        ended = opendoor(*verb, "--port", port, environment="development")
    ended.says(f"Port {port} on 127.0.0.1 is in use")


def test_a_host_that_is_not_ours_is_said(opendoor: OpenDoor):
    opendoor("up", "--host", "203.0.113.7").says("203.0.113.7:8000 cannot be listened on")


@pytest.mark.parametrize("verb", ["up", "demo"])
def test_a_folder_that_cannot_be_written_is_said(opendoor: OpenDoor, tmp_path: Path, verb: str):
    """Under a file no folder can be made, whoever asks, so this holds for root as well."""
    (tmp_path / "var").write_text("a file")
    opendoor(verb).says("var")


def migrated(opendoor: OpenDoor, tmp_path: Path) -> Path:
    """A folder with intake's database, made as the product makes it."""
    data = tmp_path / "var" / "data"
    data.mkdir(parents=True)
    ended = opendoor("migrate", "intake", environment="development")
    assert ended.status == 0, ended.err
    return data


def test_a_database_newer_than_the_code_is_refused(opendoor: OpenDoor, tmp_path: Path):
    data = migrated(opendoor, tmp_path)
    with closing(connect(data / "intake.db")) as database, database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    sentence = "The database has schema 9999"
    opendoor("migrate", "intake", environment="development").says(sentence)
    opendoor("up", "--port", "0").says(sentence)
    opendoor("serve", "intake", "--port", "0", environment="development").says(sentence)


def test_a_file_that_is_no_database_is_refused(opendoor: OpenDoor, tmp_path: Path):
    data = migrated(opendoor, tmp_path)
    for suffix in ("-wal", "-shm"):
        (data / f"intake.db{suffix}").unlink(missing_ok=True)
    (data / "intake.db").write_bytes(b"no database at all" * 4096)
    opendoor("migrate", "intake", environment="development").says("database")
    found = opendoor("verify", "intake")
    assert (found.status, found.err) == (1, "")
    assert found.out == "intake: The database file is damaged; restore it from a backup.\n"


def test_another_master_secret_is_refused(opendoor: OpenDoor, tmp_path: Path):
    data = migrated(opendoor, tmp_path)
    asyncio.run(_sealed_something(f"sqlite:///{data}/intake-keys.db"))
    ended = opendoor("up", "--port", "0", master_secret=SECRET)
    ended.says("secret")
    assert SECRET not in ended.err


async def _sealed_something(keys: str) -> None:
    secret = DEVELOPMENT_SECRET.encode()
    vault = await open_vault(keys, "intake", secret, SystemClock())
    await vault.key_for_new()
    await vault.close()


FAULTY: dict[str, tuple[tuple[str, ...], str, tuple[str, ...]]] = {
    "organisations": (
        ("import", "organisations", "file.tsv"),
        "code\tattribute\tvalue\tfrom\tto\tcertain\nRTH\tkind\n",
        ("line 2",),
    ),
    "relations": (
        ("import", "relations", "file.tsv"),
        "provider\tcommissioner\trole\tscope\tfrom\tto\nRTH\t10Q\tlead\tall\t20130401\t\n",
        ("line 2",),
    ),
    "adoptions": (
        ("import", "adoptions", "file.tsv"),
        "provider\tframework\tfrom\nRTH\tPSIRF2099\t2022-01-01\nRR8\tPSIRF2022\tsoon\n",
        ("line 2", "line 3"),
    ),
}


@pytest.mark.parametrize("name", FAULTY)
def test_a_faulty_file_is_refused_whole_with_its_lines(
    opendoor: OpenDoor, tmp_path: Path, name: str
):
    arguments, content, lines = FAULTY[name]
    (tmp_path / "file.tsv").write_text(content)
    ended = opendoor(*arguments)
    ended.says("nothing was imported")
    assert all(line in ended.err for line in lines), ended.err
    assert not list(tmp_path.rglob("*.db"))


@pytest.mark.parametrize("name", FAULTY)
def test_a_file_that_is_not_there_is_said(opendoor: OpenDoor, name: str):
    opendoor(*FAULTY[name][0]).says("file.tsv: No such file or directory.")


@pytest.mark.parametrize("name", FAULTY)
def test_a_file_that_is_no_text_is_said(opendoor: OpenDoor, tmp_path: Path, name: str):
    (tmp_path / "file.tsv").write_bytes(b"\xff\xfe\x00binary")
    opendoor(*FAULTY[name][0]).says("file.tsv is not UTF-8 text.")


def test_a_role_that_is_none_is_refused(opendoor: OpenDoor):
    opendoor("token", "--organisation", "RTH", "--role", "king").says("A role is one of")


@pytest.mark.parametrize("code", ["", " ", "ZZ99", "rth", "RTH RR8"])
def test_a_token_is_for_an_organisation_that_there_is(
    opendoor: OpenDoor, all_migrated: Path, tmp_path: Path, code: str
):
    folder = tmp_path / "copied"
    shutil.copytree(all_migrated, folder)
    asks = ("token", "--role", "trust", "--data", str(folder), "--organisation")
    ended = opendoor(*asks, code)
    ended.says("No such organisation stands in the register today")
    assert ended.status == 2
    assert not (folder / "issuer").exists()
    assert opendoor(*asks, "RTH").status == 0


def test_a_token_makes_no_folder(opendoor: OpenDoor, tmp_path: Path):
    asks = ("token", "--organisation", "RTH", "--role", "trust", "--data", str(tmp_path / "new"))
    ended = opendoor(*asks)
    ended.says("There is no folder")
    assert ended.status == 2
    assert not (tmp_path / "new").exists()


def test_the_command_as_people_run_it_prints_no_traceback():
    kept = {name: one for name, one in os.environ.items() if not name.startswith("OPENDOOR_")}
    said = {"frobnicate": "No such command", "serve intake": "OPENDOOR_MASTER_SECRET_FILE"}
    for words, sentence in said.items():
        ended = subprocess.run(
            [sys.executable, "-m", "services", *words.split()],
            cwd=ROOT,
            env=kept,
            capture_output=True,
            text=True,
            check=False,
        )
        Ended(ended.returncode, ended.stdout, ended.stderr).says(sentence)
