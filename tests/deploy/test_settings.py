"""Every variable that deploy files set is a setting, and every setting is set or has its reason."""

import pytest

from shared.runtime.settings import Settings
from tests.deploy.files import Container, compose_containers

PREFIX = "OPENDOOR_"
FIELDS = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}

UNSET_IN_COMPOSE = {
    "OPENDOOR_PORT": "the default is the port that the file publishes and probes",
    "OPENDOOR_HEALTH_PORT": "the default is the port that the file probes",
    "OPENDOOR_JWKS_URL": "the development issuer's file lies in the data folder, as by default",
    "OPENDOOR_TOKEN_ISSUER": "the default is the development issuer's",
    "OPENDOOR_TOKEN_AUDIENCE": "the default is the development issuer's",
    "OPENDOOR_MASTER_SECRET": "the built-in one serves development",
    "OPENDOOR_MASTER_SECRET_FILE": "the built-in one serves development",
    "OPENDOOR_CLOCK_OFFSET": "the containers live today",
    "OPENDOOR_TOPIC_PREFIX": "the broker is Open Door's alone",
    "OPENDOOR_KAFKA_CA_FILE": "the broker is reached in the clear, on a network of its own",
    "OPENDOOR_KAFKA_CERTIFICATE_FILE": "the same",
    "OPENDOOR_KAFKA_KEY_FILE": "the same",
    "OPENDOOR_HEADS_SECONDS": "the default is meant for production",
    "OPENDOOR_STATEMENT_CACHE": "there is no pooler between",
}


def unknown(container: Container) -> list[str]:
    """Variables of Open Door's prefix that no setting reads."""
    return [one for one in container.environment if one.startswith(PREFIX) and one not in FIELDS]


@pytest.mark.parametrize("container", list(compose_containers()), ids=lambda one: str(one.name))
def test_a_variable_of_compose_is_a_setting_of_the_right_kind(container: Container) -> None:
    assert unknown(container) == []
    values = {
        name.removeprefix(PREFIX).lower(): value
        for name, value in container.environment.items()
        if name in FIELDS
    }
    Settings.model_validate(values, strict=False)


def test_every_setting_is_set_by_compose_or_has_a_reason_not_to_be() -> None:
    found = {name for one in compose_containers() for name in one.environment}
    assert (found & FIELDS) | UNSET_IN_COMPOSE.keys() == FIELDS
    assert found & UNSET_IN_COMPOSE.keys() == set()


def test_a_misspelt_variable_is_found() -> None:
    planted = Container(
        name="planted",
        command=("serve", "intake"),
        environment={"OPENDOOR_DATABSE_URL": "sqlite:///x", "PATH": "/bin"},
    )
    assert unknown(planted) == ["OPENDOOR_DATABSE_URL"]
