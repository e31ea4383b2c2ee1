"""Settings: each is a URL, a path or a number, read from OPENDOOR_* variables once."""

import re
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.bus.encrypting import Tls, open_tls
from shared.kernel.errors import Misconfigured
from shared.web.faults import sentence

Environment = Literal["development", "production"]

DEVELOPMENT_SECRET = "open-door development secret, never for real reports"  # noqa: S105 - refused outside development
"""What seals and names things in development when no secret is given."""

_DURATION = re.compile(
    r"(?P<sign>[+-])?P(?:(?P<days>\d{1,5})D)?"
    r"(?:T(?=\d)(?:(?P<hours>\d{1,6})H)?(?:(?P<minutes>\d{1,8})M)?(?:(?P<seconds>\d{1,9})S)?)?\Z",
    re.ASCII,
)

_KAFKA = re.compile(r"kafka://[^/\s,]+:\d+(,[^/\s,]+:\d+)*/?\Z", re.ASCII)


def parse_offset(text: str) -> timedelta:
    """A signed ISO 8601 duration of days, hours, minutes and seconds, such as `-P2530DT4H`.
    Raises ValueError."""
    found = _DURATION.match(text)
    if not found or not any(found[name] for name in ("days", "hours", "minutes", "seconds")):
        raise ValueError("write a signed ISO 8601 duration such as -P2530DT4H")
    amount = timedelta(
        **{
            name: int(found[name])
            for name in ("days", "hours", "minutes", "seconds")
            if found[name]
        }
    )
    return -amount if found["sign"] == "-" else amount


class Settings(BaseSettings):
    """What a process of Open Door is told from outside. Every field is `OPENDOOR_<NAME>`.

    URLs may hold `{service}`. `bus_url` is `embedded:` or `kafka://host:9092`; `jwks_url` `file:`
    or `https:`. `clock_offset` shifts the clock of every process alike (development only).
    `heads_seconds` is how long what was appended may stand before a signed head covers it.
    """

    model_config = SettingsConfigDict(
        env_prefix="OPENDOOR_", extra="ignore", hide_input_in_errors=True
    )

    environment: Environment = "production"
    data_dir: Path = Path("var/data")
    database_url: str = ""
    keys_url: str = ""
    bus_url: str = "embedded:"
    jwks_url: str = ""
    token_issuer: str = "urn:open-door:development"  # noqa: S105 - a name, not a secret
    token_audience: str = "urn:open-door"  # noqa: S105 - a name, not a secret
    master_secret: SecretStr | None = None
    master_secret_file: Path | None = None
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    health_port: int = Field(default=8081, ge=0, le=65535)
    clock_offset: str = ""
    topic_prefix: str = ""
    kafka_replication: int = Field(default=1, ge=1, le=9)
    kafka_ca_file: Path | None = None
    kafka_certificate_file: Path | None = None
    kafka_key_file: Path | None = None
    statement_cache: bool = True
    pool_size: int = Field(default=8, ge=1, le=200)
    heads_seconds: float = Field(default=60.0, ge=1.0, le=86_400.0)
    synthetic: bool = False

    @field_validator("database_url", "keys_url")
    @classmethod
    def _known_database(cls, url: str) -> str:
        if url and not url.startswith(("postgresql+asyncpg://", "sqlite:///")):
            raise ValueError("write postgresql+asyncpg://... or sqlite:///path")
        return url

    @field_validator("bus_url")
    @classmethod
    def _known_bus(cls, url: str) -> str:
        if url != "embedded:" and not _KAFKA.match(url):
            raise ValueError("write embedded: or kafka://host:port")
        return url

    @field_validator("clock_offset")
    @classmethod
    def _readable_offset(cls, text: str) -> str:
        if text:
            parse_offset(text)
        return text

    @property
    def development(self) -> bool:
        return self.environment == "development"

    @property
    def offset(self) -> timedelta:
        return parse_offset(self.clock_offset) if self.clock_offset else timedelta()

    @property
    def embedded_bus(self) -> bool:
        return self.bus_url == "embedded:"

    @property
    def bootstrap(self) -> str:
        return self.bus_url.removeprefix("kafka://").rstrip("/")

    def kafka_tls(self) -> Tls:
        """How brokers are reached: by TLS where a file of whom to trust is named. Raises
        Misconfigured."""
        return open_tls(self.kafka_ca_file, self.kafka_certificate_file, self.kafka_key_file)

    def database_for(self, service: str) -> str:
        """The URL of one service's database; SQLite under the data folder by default."""
        default = f"sqlite:///{self.data_dir}/{{service}}.db"
        return (self.database_url or default).replace("{service}", service)

    def keys_for(self, service: str) -> str:
        """The URL of one service's key store, never the database that the keys protect."""
        default = f"sqlite:///{self.data_dir}/{{service}}-keys.db"
        return (self.keys_url or default).replace("{service}", service)

    def jwks(self) -> str:
        """Where tokens' public keys are read; the development issuer's file by default."""
        return self.jwks_url or f"file:{(self.data_dir / 'issuer' / 'jwks.json').absolute()}"

    def secret(self) -> bytes:
        """The deployment's master secret. Raises Misconfigured outside development when none is
        given, or one shorter than 32 bytes."""
        given = self._given_secret()
        if given is None:
            if not self.development:
                raise Misconfigured(
                    "Set OPENDOOR_MASTER_SECRET_FILE to a file with at least 32 random bytes: "
                    "outside development there is no default secret."
                )
            return DEVELOPMENT_SECRET.encode()
        if len(given) < 32:
            raise Misconfigured("The master secret must be at least 32 bytes long.")
        if given == DEVELOPMENT_SECRET.encode() and not self.development:
            raise Misconfigured("The development secret must not be used outside development.")
        return given

    def _given_secret(self) -> bytes | None:
        if self.master_secret_file is not None:
            try:
                return self.master_secret_file.read_bytes().strip()
            except OSError as error:
                raise Misconfigured(
                    f"OPENDOOR_MASTER_SECRET_FILE cannot be read: {error.strerror}."
                ) from error
        return self.master_secret.get_secret_value().encode() if self.master_secret else None


def load_settings(**given: object) -> Settings:
    """The settings of this process; `given` wins over the environment where it is not None.
    Raises Misconfigured with a sentence for each field that is wrong."""
    try:
        settings = Settings(**{name: one for name, one in given.items() if one is not None})  # type: ignore[arg-type]  # checked by pydantic
    except ValidationError as error:
        faults = "; ".join(
            f"{_variable(fault['loc'])}: {_said(fault)}"
            for fault in error.errors(include_input=False, include_url=False)
        )
        raise Misconfigured(f"{faults}.") from None
    _refuse_unsafe(settings)
    return settings


def _said(fault: ErrorDetails) -> str:
    """What to write instead; a validator of our own says it itself."""
    own = fault["msg"].removeprefix("Value error, ")
    said = own if fault["type"] == "value_error" else sentence(fault)
    return f"{said[:1].lower()}{said[1:]}".rstrip(".")


def _variable(place: Sequence[int | str]) -> str:
    return "_".join(("OPENDOOR", *(str(part).upper() for part in place)))


def _refuse_unsafe(settings: Settings) -> None:
    if settings.development:
        settings.secret()
        return
    settings.secret()
    if settings.clock_offset:
        raise Misconfigured("OPENDOOR_CLOCK_OFFSET is for development only.")
    if settings.database_for("x") == settings.keys_for("x"):
        raise Misconfigured("OPENDOOR_KEYS_URL must name another database than the log's.")
