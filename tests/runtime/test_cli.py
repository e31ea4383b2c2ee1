"""The command line in wrong hands: one clear sentence, an exit status, and no traceback."""

import asyncio
import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from json import loads
from pathlib import Path
from sqlite3 import connect

import pytest

from services.__main__ import load_services, main
from shared.kernel.clock import SystemClock
from shared.log.sqlite_files import lock
from shared.privacy.opening import open_vault
from shared.runtime.cli import SERVICES
from shared.runtime.preparing import prepare
from shared.runtime.settings import DEVELOPMENT_SECRET, load_settings
from tests.kit.logging import logging_put_back

SECRET = "0123456789abcdef0123456789abcdef"
POSTGRES = "postgresql+asyncpg://127.0.0.1/{service}"
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Ended:
    """How a run of the command ended, and what it said."""

    status: int
    out: str
    err: str

    def says(self, sentence: str) -> None:
        """One line on standard error, which holds these words, and nothing else anywhere."""
        assert self.status != 0, self.out
        assert re.fullmatch(r"[^\n]*[.?`]\n", self.err), self.err
        assert "Traceback" not in self.err
        assert sentence in self.err
        assert self.out == ""


OpenDoor = Callable[..., Ended]


@pytest.fixture
def opendoor(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Iterator[OpenDoor]:
    """Runs the command in a scratch folder, with the given settings and no others."""
    for name in [name for name in os.environ if name.startswith("OPENDOOR_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str, **settings: str) -> Ended:
        with monkeypatch.context() as here:
            here.setattr(sys, "argv", ["opendoor", *arguments])
            for name, one in settings.items():
                here.setenv(f"OPENDOOR_{name.upper()}", one)
            with pytest.raises(SystemExit) as end:
                main()
        said = capsys.readouterr()
        return Ended(int(end.value.code or 0), said.out, said.err)

    with logging_put_back():
        yield run


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


TOOLS = (
    ("verify", "intake"),
    ("dead-letters", "list", "intake"),
    ("dead-letters", "show", "intake", "opendoor.assurance.v1/0#12"),
    ("dead-letters", "retry", "intake", "opendoor.assurance.v1/0#12"),
    ("dead-letters", "skip", "intake", "opendoor.assurance.v1/0#12", "--reason", "twice"),
    ("import", "relations", "relations.tsv"),
    ("import", "organisations", "organisations.tsv"),
    ("import", "adoptions", "adoptions.tsv"),
    ("projections", "status", "intake"),
    ("projections", "build", "intake"),
    ("projections", "rebuild", "intake", "events"),
)
SOUND = {
    "relations.tsv": "provider\tcommissioner\trole\tscope\tfrom\tto\n"
    "RTH\t10Q\tlead\tall\t2013-04-01\t\n",
    "organisations.tsv": "code\tattribute\tvalue\tfrom\tto\tcertain\n"
    "ZZ9\tkind\ttrust\t\t\tyes\n"
    "ZZ9\tname\tA trust\t\t\tyes\n"
    "ZZ9\topen\t\t2013-04-01\t\tyes\n",
    "adoptions.tsv": "provider\tframework\tfrom\nRTH\tPSIRF2022\t2022-01-01\n",
}


@pytest.mark.parametrize("arguments", TOOLS, ids=" ".join)
def test_a_tool_makes_no_database_where_there_is_none(
    opendoor: OpenDoor, tmp_path: Path, arguments: tuple[str, ...]
):
    for name, content in SOUND.items():
        (tmp_path / name).write_text(content)
    opendoor(*arguments).says("There is no database var/data/")
    assert not list(tmp_path.rglob("*.db"))


@pytest.mark.parametrize("arguments", TOOLS, ids=" ".join)
def test_a_tool_leaves_a_database_alone_that_is_newer(
    opendoor: OpenDoor, all_migrated: Path, tmp_path: Path, arguments: tuple[str, ...]
):
    data = tmp_path / "var" / "data"
    shutil.copytree(all_migrated, data)
    for file in data.glob("*.db"):
        with closing(connect(file)) as database, database:
            if database.execute("SELECT 1 FROM sqlite_master WHERE name = 'events'").fetchone():
                database.execute("UPDATE alembic_version SET version_num = '9999'")
    for name, content in SOUND.items():
        (tmp_path / name).write_text(content)
    opendoor(*arguments).says("The database has schema 9999, which this version does not know: it")


def test_a_read_model_that_is_not_there_is_said(opendoor: OpenDoor):
    ended = opendoor("projections", "rebuild", "intake", "reports")
    ended.says("The read models of intake are events, commissioning.")
    assert ended.status == 2


def test_read_models_are_not_filled_beside_a_server_on_files(
    opendoor: OpenDoor, all_migrated: Path, tmp_path: Path
):
    shutil.copytree(all_migrated, tmp_path / "var" / "data")
    with closing(lock(tmp_path / "var" / "data" / "intake.db")):
        for verb in (("build", "intake"), ("rebuild", "intake", "events")):
            opendoor("projections", *verb).says("intake.db is in use by another Open Door process")
        assert opendoor("projections", "status", "intake").status == 0


def test_read_models_of_another_form_are_told_and_built(
    opendoor: OpenDoor, all_migrated: Path, tmp_path: Path
):
    data = tmp_path / "var" / "data"
    shutil.copytree(all_migrated, data)
    with closing(connect(data / "intake.db")) as database, database:
        database.execute("UPDATE projection_generations SET shape = 'v0-x' WHERE name = 'events'")
    told = opendoor("projections", "status", "intake")
    assert (told.status, told.err) == (1, "")
    assert "intake events: generation 1 is shown, applied 0, 0 behind, shape v0-x; " in told.out
    built = loads(opendoor("projections", "build", "intake", "--json").out)["projections"]
    assert [one["done"] for one in built] == ["built", "as it was"]
    again = opendoor("projections", "rebuild", "intake", "events")
    assert again.out == "intake events: generation 3, built.\n"
    told = opendoor("projections", "status", "--json")
    assert (told.status, loads(told.out)["built"]) == (0, True)
    assert {one["service"] for one in loads(told.out)["projections"]} == set(SERVICES)


def test_doctor_ends_with_1_where_somebody_must_look(opendoor: OpenDoor):
    ended = opendoor("doctor", "--json")
    assert (ended.status, ended.err) == (1, "")
    found = loads(ended.out)
    assert found["healthy"] is False
    assert set(found["services"]) == set(SERVICES)
    assert opendoor("doctor").out.count("There is no database ") == len(SERVICES)


@pytest.fixture(scope="session")
def all_migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every service's database, as the product makes it; to be copied."""
    folder = tmp_path_factory.mktemp("migrated") / "data"
    for service in load_services():
        asyncio.run(prepare(service, load_settings(environment="development", data_dir=folder)))
    return folder


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
