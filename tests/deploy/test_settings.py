"""Every variable that deploy files set is a setting, and every setting is set or has its reason."""

import re
from typing import Any

import pytest

from shared.runtime.settings import Settings
from tests.deploy.files import Container, cluster_containers, compose_containers

PREFIX = "OPENDOOR_"
FIELDS = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}

OF_THE_IMAGE = {"PATH", "PYTHONUNBUFFERED"}

UNSET_ANYWHERE = {
    "OPENDOOR_PORT": "the default is the port that is published and probed",
    "OPENDOOR_HEALTH_PORT": "the default is the port that is probed",
    "OPENDOOR_MASTER_SECRET": "a secret comes by a file, or not at all in development",
    "OPENDOOR_CLOCK_OFFSET": "the containers live today",
    "OPENDOOR_TOPIC_PREFIX": "the broker is Open Door's alone",
    "OPENDOOR_STATEMENT_CACHE": "there is no pooler between",
    "OPENDOOR_HEADS_SECONDS": "the default is meant for production",
}

UNSET_IN_COMPOSE = UNSET_ANYWHERE | {
    "OPENDOOR_JWKS_URL": "the development issuer's file lies in the data folder, as by default",
    "OPENDOOR_TOKEN_ISSUER": "the default is the development issuer's",
    "OPENDOOR_TOKEN_AUDIENCE": "the default is the development issuer's",
    "OPENDOOR_MASTER_SECRET_FILE": "the built-in one serves development",
    "OPENDOOR_KAFKA_CA_FILE": "the broker is reached in the clear, on a network of its own",
    "OPENDOOR_KAFKA_CERTIFICATE_FILE": "the same",
    "OPENDOOR_KAFKA_KEY_FILE": "the same",
}

UNSET_IN_PRODUCTION = UNSET_ANYWHERE | {
    "OPENDOOR_SYNTHETIC": "synthetic organisations never lie beside real ones",
}


def faults(container: Container) -> list[str]:
    """Variables that nothing reads: of our prefix and no setting, or used in no other."""
    said = list[str]()
    used = " ".join(container.environment.values())
    for name, value in container.environment.items():
        if name in FIELDS or name in OF_THE_IMAGE:
            continue
        if name.startswith(PREFIX) or used.count(value) < 2:
            said.append(name)
    return said


def check(container: Container) -> None:
    assert faults(container) == []
    values = {
        name.removeprefix(PREFIX).lower(): re.sub(r"<secret:[^>]+>", "word", value)
        for name, value in container.environment.items()
        if name in FIELDS
    }
    Settings.model_validate(values)


def unset(containers: list[Container]) -> set[str]:
    return FIELDS - {name for one in containers for name in one.environment}


@pytest.mark.parametrize("container", list(compose_containers()), ids=lambda one: str(one.name))
def test_a_variable_of_compose_is_a_setting_of_the_right_kind(container: Container) -> None:
    check(container)


def test_a_variable_of_the_cluster_is_a_setting_of_the_right_kind(
    rendered: list[dict[str, Any]],
) -> None:
    for one in cluster_containers(rendered):
        check(one)


def test_every_setting_is_set_or_has_a_reason_not_to_be(production: list[dict[str, Any]]) -> None:
    assert unset(list(compose_containers())) == UNSET_IN_COMPOSE.keys()
    assert unset(list(cluster_containers(production))) == UNSET_IN_PRODUCTION.keys()


@pytest.mark.parametrize(
    ("planted", "value"),
    [("OPENDOOR_DATABSE_URL", "sqlite:///x"), ("DATABASE_USR", "<secret:a/b>")],
)
def test_a_misspelt_variable_is_found(planted: str, value: str) -> None:
    container = Container(
        name="planted",
        command=("serve", "intake"),
        environment={"PATH": "/bin", "OPENDOOR_PORT": "8000", planted: value},
    )
    assert faults(container) == [planted]


def test_a_value_of_the_wrong_kind_is_found() -> None:
    planted = Container(name="planted", command=(), environment={"OPENDOOR_POOL_SIZE": "many"})
    with pytest.raises(ValueError, match="pool_size"):
        check(planted)
