"""The tools of the command line: on what is there, and on nothing else."""

import shutil
from contextlib import closing
from json import loads
from pathlib import Path
from sqlite3 import connect

import pytest

from shared.log.sqlite_files import lock
from shared.runtime.cli_shared import SERVICES
from tests.runtime.command_line import OpenDoor

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
