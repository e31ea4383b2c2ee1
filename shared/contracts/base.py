"""How a contract is marked, and the registry of all of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar, dataclass_transform

import orjson
from pydantic import ConfigDict, TypeAdapter

T = TypeVar("T")

PREFIX = "opendoor"
TOLERANT = ConfigDict(extra="ignore")
"""A reader ignores fields it does not know (E17)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """What the registry knows of one contract.

    `audience` is its `dataclassification`: `public` or `restricted`. `subscribers_alone` marks a
    contract that no service of ours reacts to.
    """

    cls: type[Any]
    service: str
    fact: str
    version: int
    topic: str
    source: str
    audience: str
    subscribers_alone: bool

    @property
    def type(self) -> str:
        """The CloudEvents type, such as `opendoor.intake.event_reported.v1`."""
        return f"{PREFIX}.{self.service}.{self.fact}.v{self.version}"

    @property
    def dataschema(self) -> str:
        return f"urn:open-door:schema:{self.type}"


PARTITIONS: Mapping[str, int] = {
    "opendoor.intake.v1": 12,
    "opendoor.assurance.v1": 12,
    "opendoor.learning.v1": 1,
    "opendoor.learning.sources.v1": 1,
    "opendoor.intake.heads.v1": 1,
    "opendoor.assurance.heads.v1": 1,
    "opendoor.learning.heads.v1": 1,
}
"""Partitions of each topic, fixed: another count is another topic (E11)."""

REGISTRY: dict[str, Spec] = {}
"""Every contract by its CloudEvents type; filled as the contract modules are imported."""


@dataclass_transform(frozen_default=True, kw_only_default=True)
def contract(
    service: str,
    fact: str,
    *,
    version: int = 1,
    topic: str | None = None,
    public: bool = False,
    subscribers_alone: bool = False,
) -> Callable[[type[T]], type[T]]:
    """Marks a contract and enters it in the registry.

    A contract told on a topic of its own beside the service's main one names it with `topic` and
    gets a source of its own, so that source and id name one content (E3).
    """

    def mark(cls: type[T]) -> type[T]:
        cls.__pydantic_config__ = TOLERANT  # type: ignore[attr-defined]  # pydantic's own hook
        made = dataclass(frozen=True, slots=True, kw_only=True)(cls)
        word = topic and topic.split(".")[2]
        spec = Spec(
            cls=made,
            service=service,
            fact=fact,
            version=version,
            topic=topic or f"{PREFIX}.{service}.v{version}",
            source=f"urn:open-door:{service}" + (f":{word}" if word else ""),
            audience="public" if public else "restricted",
            subscribers_alone=subscribers_alone,
        )
        REGISTRY[spec.type] = spec
        _BY_CLASS[made] = spec
        return made

    return mark


_BY_CLASS: dict[type[Any], Spec] = {}


def spec_of(cls: type[Any]) -> Spec:
    """The registry's row of a contract class."""
    return _BY_CLASS[cls]


_ADAPTERS: dict[type[Any], TypeAdapter[Any]] = {}


def _adapter(cls: type[Any]) -> TypeAdapter[Any]:
    if cls not in _ADAPTERS:
        _ADAPTERS[cls] = TypeAdapter(cls)
    return _ADAPTERS[cls]


def encode(told: object) -> bytes:
    """A contract's bytes: fields in their written order, absent optional fields left out (E16)."""
    return orjson.dumps(told, default=_plain, option=orjson.OPT_PASSTHROUGH_DATACLASS)


def _plain(one: object) -> dict[str, Any]:
    fields = getattr(type(one), "__dataclass_fields__", None)
    if fields is None:
        raise TypeError(f"{type(one).__name__} does not belong in a contract")
    return {name: held for name in fields if (held := getattr(one, name)) is not None}


def decode(type_: str, data: bytes) -> Any:
    """The contract from its bytes. Raises KeyError for an unknown type, pydantic's ValidationError
    for bytes that are not of it."""
    return _adapter(REGISTRY[type_].cls).validate_json(data)


def json_schema(spec: Spec) -> dict[str, Any]:
    """The JSON Schema of a contract's data."""
    schema = _adapter(spec.cls).json_schema()
    return {"$id": spec.dataschema, "title": spec.cls.__name__, **schema}
