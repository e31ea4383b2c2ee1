"""docker-compose.yml: its schema, and what its pieces promise one another (K10)."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from shared.runtime.verbs.processes import API_GRACE, PROBE_GRACE, WORKER_GRACE
from tests.deploy.files import (
    COMPOSE,
    EXACT_TAG,
    ROOT,
    compose_containers,
    compose_services,
    read_yaml,
    tool,
)

SCHEMA = ("--builtin-schema", "vendor.compose-spec")
ONE_SHOT = {"migrate", "issuer"}
SERVICES = ("intake", "assurance", "learning")
everyone = pytest.mark.parametrize("name", sorted(compose_services()))


def planted(folder: Path, **changes: Any) -> Path:
    """The file with something else said of `intake-api`."""
    whole = read_yaml(COMPOSE)
    whole["services"]["intake-api"].update(changes)
    file = folder / "docker-compose.yml"
    file.write_text(yaml.safe_dump(whole))
    return file


def test_it_is_what_the_compose_specification_says(tmp_path: Path) -> None:
    assert tool("check-jsonschema", *SCHEMA, COMPOSE).returncode == 0
    wrong = planted(tmp_path, stop_grace_perod="30s")
    said = tool("check-jsonschema", *SCHEMA, wrong)
    assert said.returncode == 1
    assert "stop_grace_perod" in said.stdout


def test_each_service_has_an_api_and_a_worker_and_one_migration_comes_first() -> None:
    commands = {one.name: one.command for one in compose_containers()}
    assert commands["migrate"] == ("migrate", "all")
    for service in SERVICES:
        assert commands[f"{service}-api"] == ("serve", service)
        assert commands[f"{service}-worker"] == ("work", service)
        for part in ("api", "worker"):
            after = compose_services()[f"{service}-{part}"]["depends_on"]
            assert after["migrate"] == {"condition": "service_completed_successfully"}


@everyone
def test_nothing_runs_as_root_or_writes_into_its_image(name: str) -> None:
    one = compose_services()[name]
    user = str(one["user"]).split(":")[0]
    assert user.isdigit()
    assert int(user) > 0
    assert one["init"] is True
    assert one["read_only"] is True
    assert one["cap_drop"] == ["ALL"]
    assert one["security_opt"] == ["no-new-privileges:true"]
    assert "/tmp" in one["tmpfs"]  # noqa: S108 - in a container


@everyone
def test_what_goes_on_says_when_it_is_well(name: str) -> None:
    one = compose_services()[name]
    assert ("healthcheck" in one) == (name not in ONE_SHOT)
    assert one["restart"] == ("no" if name in ONE_SHOT else "unless-stopped")
    assert EXACT_TAG.match(one["image"])


@everyone
def test_who_is_waited_for_can_come_to_that_state(name: str) -> None:
    services = compose_services()
    for other, wanted in services[name].get("depends_on", {}).items():
        ends = other in ONE_SHOT
        expected = "service_completed_successfully" if ends else "service_healthy"
        assert wanted["condition"] == expected
        assert services[other].get("profiles") in (None, services[name].get("profiles"))


@everyone
def test_only_this_machine_reaches_what_is_published(name: str) -> None:
    one = compose_services()[name]
    assert all(port.startswith("127.0.0.1:") for port in one.get("ports", ()))
    assert bool(one.get("ports")) == ("outside" in one["networks"])


def test_servers_without_passwords_are_reached_from_inside_alone() -> None:
    whole = read_yaml(COMPOSE)
    assert whole["networks"]["inside"] == {"internal": True}
    for name in ("postgres", "keys", "kafka"):
        assert whole["services"][name]["networks"] == ["inside"]


@pytest.mark.parametrize("name", ["postgres", "keys"])
def test_a_commit_is_on_the_disk(name: str) -> None:
    command = compose_services()[name]["command"]
    for setting in ("fsync=on", "full_page_writes=on", "synchronous_commit=on"):
        assert setting in command


@pytest.mark.parametrize("name", ["postgres", "keys"])
def test_each_server_is_given_a_database_for_each_service(name: str) -> None:
    mounts = [one.split(":")[0] for one in compose_services()[name]["volumes"]]
    made = (ROOT / "deploy" / "compose" / "databases.sql").read_text()
    assert "./deploy/compose/databases.sql" in mounts
    assert [one for one in SERVICES if f"CREATE DATABASE {one};" in made] == list(SERVICES)


def test_the_broker_is_the_version_that_the_tests_run_on() -> None:
    pom = (ROOT / "deploy" / "kafka-dev" / "pom.xml").read_text()
    version = compose_services()["kafka"]["image"].split(":")[1]
    assert f"<kafka.version>{version}</kafka.version>" in pom


def test_a_process_has_longer_to_end_than_it_takes() -> None:
    for container in compose_containers():
        given = compose_services()[container.name]["stop_grace_period"]
        assert int(given.removesuffix("s")) > max(API_GRACE, WORKER_GRACE + PROBE_GRACE) + 10


def test_every_file_that_is_mounted_is_there() -> None:
    for name, one in compose_services().items():
        for mount in one.get("volumes", ()):
            source = mount.split(":")[0]
            assert not source.startswith(".") or (ROOT / source).exists(), (name, source)


def test_every_volume_and_network_is_declared() -> None:
    whole = read_yaml(COMPOSE)
    for one in whole["services"].values():
        named = {mount.split(":")[0] for mount in one.get("volumes", ()) if mount[0] not in "./"}
        assert named <= set(whole["volumes"])
        assert set(one["networks"]) <= set(whole["networks"])
