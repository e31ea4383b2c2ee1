"""Settings: each rule by which a process must not start, said with the setting's name."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from shared.kernel.errors import Misconfigured
from shared.runtime.settings import DEVELOPMENT_SECRET, load_settings, parse_offset

SECRET = "0123456789abcdef0123456789abcdef"


@pytest.fixture(autouse=True)
def bare(monkeypatch) -> None:
    """No setting from whoever runs the tests."""
    import os

    for name in [name for name in os.environ if name.startswith("OPENDOOR_")]:
        monkeypatch.delenv(name)


def production(**given: Any) -> Any:
    return load_settings(**{"environment": "production", "master_secret": SECRET, **given})


def test_production_is_the_default_and_wants_a_secret():
    with pytest.raises(Misconfigured, match="OPENDOOR_MASTER_SECRET_FILE"):
        load_settings()
    assert not load_settings(master_secret=SECRET).development


def test_development_has_a_secret_of_its_own():
    settings = load_settings(environment="development")
    assert settings.secret() == DEVELOPMENT_SECRET.encode()


def test_the_environment_is_read_and_what_is_given_wins(monkeypatch):
    monkeypatch.setenv("OPENDOOR_MASTER_SECRET", SECRET)
    monkeypatch.setenv("OPENDOOR_PORT", "9000")
    assert load_settings().port == 9000
    assert load_settings(port=9001).port == 9001
    assert load_settings(port=None).port == 9000


@pytest.mark.parametrize("environment", ["development", "production"])
def test_a_short_secret_is_refused(environment: str):
    with pytest.raises(Misconfigured, match="32 bytes"):
        load_settings(environment=environment, master_secret="short")


def test_the_development_secret_is_for_development_only(tmp_path: Path):
    with pytest.raises(Misconfigured, match="development secret"):
        load_settings(master_secret=DEVELOPMENT_SECRET)
    file = tmp_path / "secret"
    file.write_text(f"{DEVELOPMENT_SECRET}\n")
    with pytest.raises(Misconfigured, match="development secret"):
        load_settings(master_secret_file=file)


def test_a_secret_is_read_from_its_file_which_wins(tmp_path: Path):
    file = tmp_path / "secret"
    file.write_text(f"{SECRET}\n")
    assert load_settings(master_secret_file=file).secret() == SECRET.encode()
    both = load_settings(master_secret_file=file, master_secret="x" * 32)
    assert both.secret() == SECRET.encode()


def test_a_secret_s_file_that_is_not_there_is_said(tmp_path: Path):
    with pytest.raises(Misconfigured, match="cannot be read"):
        load_settings(master_secret_file=tmp_path / "none")


def test_an_empty_file_is_no_secret(tmp_path: Path):
    (tmp_path / "secret").touch()
    with pytest.raises(Misconfigured, match="32 bytes"):
        load_settings(environment="development", master_secret_file=tmp_path / "secret")


def test_no_secret_shows():
    settings = load_settings(master_secret=SECRET)
    assert SECRET not in repr(settings)
    assert SECRET not in str(settings.model_dump())


WRONG = {
    "environment": "staging",
    "database_url": "postgresql://host/name",
    "keys_url": "file:keys.db",
    "bus_url": "amqp://host:1",
    "port": 65_536,
    "health_port": -1,
    "pool_size": 0,
    "kafka_replication": 0,
    "clock_offset": "2 days",
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_value_is_named_and_not_repeated(name: str):
    with pytest.raises(Misconfigured) as refused:
        load_settings(**{"environment": "development", name: WRONG[name]})
    assert f"OPENDOOR_{name.upper()}" in refused.value.detail
    if isinstance(WRONG[name], str):
        assert str(WRONG[name]) not in refused.value.detail


OWN_WORDS = {
    "port": ("door", "OPENDOOR_PORT: write a whole number."),
    "health_port": ("70000", "OPENDOOR_HEALTH_PORT: write 65535 or less."),
    "synthetic": ("perhaps", "OPENDOOR_SYNTHETIC: write true or false."),
    "heads_seconds": ("soon", "OPENDOOR_HEADS_SECONDS: write a number."),
    "environment": (
        "staging",
        "OPENDOOR_ENVIRONMENT: choose one of 'development' or 'production'.",
    ),
    "bus_url": ("amqp://host", "OPENDOOR_BUS_URL: write embedded: or kafka://host:port."),
}


@pytest.mark.parametrize("name", OWN_WORDS)
def test_what_to_write_is_said_in_our_own_words(monkeypatch, name: str):
    wrong, sentence = OWN_WORDS[name]
    monkeypatch.setenv("OPENDOOR_ENVIRONMENT", "development")
    monkeypatch.setenv(f"OPENDOOR_{name.upper()}", wrong)
    with pytest.raises(Misconfigured) as refused:
        load_settings()
    assert refused.value.detail == sentence


def test_every_fault_is_told_at_once():
    with pytest.raises(Misconfigured, match=r"OPENDOOR_PORT.*OPENDOOR_POOL_SIZE"):
        load_settings(environment="development", port="x", pool_size="y")


@pytest.mark.parametrize(
    "url", ["kafka:", "kafka://", "kafka://host", "kafka://a:1,b", "Embedded:"]
)
def test_a_bus_without_its_place_is_refused(url: str):
    with pytest.raises(Misconfigured, match="OPENDOOR_BUS_URL"):
        load_settings(environment="development", bus_url=url)


@pytest.mark.parametrize(
    ("url", "bootstrap"),
    [
        ("kafka://host:9092", "host:9092"),
        ("kafka://host:9092/", "host:9092"),
        ("kafka://a:1,b:2", "a:1,b:2"),
        ("kafka://[::1]:9092", "[::1]:9092"),
    ],
)
def test_a_bus_is_kafka_at_its_brokers(url: str, bootstrap: str):
    settings = load_settings(environment="development", bus_url=url)
    assert (settings.bootstrap, settings.embedded_bus) == (bootstrap, False)


def test_the_bus_is_embedded_by_default():
    assert load_settings(environment="development").embedded_bus


def test_the_clock_is_shifted_in_development_only():
    shifted = load_settings(environment="development", clock_offset="-P1D")
    assert shifted.offset == timedelta(days=-1)
    assert production().offset == timedelta()
    with pytest.raises(Misconfigured, match="OPENDOOR_CLOCK_OFFSET"):
        production(clock_offset="-P1D")


def test_keys_lie_in_another_database_than_the_log():
    url = "postgresql+asyncpg://host/{service}"
    with pytest.raises(Misconfigured, match="OPENDOOR_KEYS_URL"):
        production(database_url=url, keys_url=url)
    assert production(database_url=url, keys_url=f"{url}-keys").keys_for("x").endswith("/x-keys")


def test_each_service_has_a_database_of_its_own():
    settings = load_settings(environment="development", data_dir=Path("d"))
    assert settings.database_for("intake") == "sqlite:///d/intake.db"
    assert settings.keys_for("intake") == "sqlite:///d/intake-keys.db"
    named = load_settings(environment="development", database_url="sqlite:///x/{service}.sqlite")
    assert named.database_for("intake") == "sqlite:///x/intake.sqlite"


def test_tokens_are_checked_by_the_development_issuer_s_keys_by_default(tmp_path: Path):
    settings = load_settings(environment="development", data_dir=tmp_path)
    assert settings.jwks() == f"file:{tmp_path}/issuer/jwks.json"
    named = load_settings(environment="development", jwks_url="https://issuer.example/keys")
    assert named.jwks() == "https://issuer.example/keys"


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("P1D", timedelta(days=1)),
        ("+P1D", timedelta(days=1)),
        ("-P2530DT4H", -timedelta(days=2530, hours=4)),
        ("PT1H2M3S", timedelta(hours=1, minutes=2, seconds=3)),
        ("-PT0S", timedelta()),
        ("-P99999D", timedelta(days=-99_999)),
    ],
)
def test_an_offset_is_a_signed_duration(text: str, amount: timedelta):
    assert parse_offset(text) == amount


@pytest.mark.parametrize(
    "text", ["", "P", "PT", "P1DT", "1D", "P1Y", "P1.5D", "P1D\n", "--P1D", "P9999999999D", "P٣D"]
)
def test_what_is_no_duration_is_refused(text: str):
    with pytest.raises(ValueError, match="ISO 8601"):
        parse_offset(text)
