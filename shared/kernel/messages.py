"""Commands and events: frozen standard dataclasses, named once."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar, dataclass_transform

from pydantic import ConfigDict

T = TypeVar("T")

STRICT = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)
"""How a request is read: no coercion, no unknown field, no number that JSON cannot hold."""


@dataclass_transform(frozen_default=True, kw_only_default=True)
def command(cls: type[T]) -> type[T]:
    """Marks a command: the class is the request body, read strictly (H17)."""
    cls.__pydantic_config__ = STRICT  # type: ignore[attr-defined]  # pydantic's own hook
    return dataclass(frozen=True, slots=True, kw_only=True)(cls)


@dataclass_transform(frozen_default=True, kw_only_default=True)
def value(cls: type[T]) -> type[T]:
    """Marks a value that stands inside commands and events, read as strictly as a command."""
    return command(cls)


class EventClass:
    """What `event` adds to a class; for type hints only."""

    EVENT: ClassVar[str]
    SCHEMA: ClassVar[int]


@dataclass_transform(frozen_default=True, kw_only_default=True)
def event(name: str, schema: int = 1) -> Callable[[type[T]], type[T]]:
    """Marks an event: `name` on the wire (past tense) and its schema number, for ever."""

    def mark(cls: type[T]) -> type[T]:
        cls.EVENT = name  # type: ignore[attr-defined]  # read through event_name
        cls.SCHEMA = schema  # type: ignore[attr-defined]  # read through event_schema
        cls.__pydantic_config__ = STRICT  # type: ignore[attr-defined]  # pydantic's own hook
        return dataclass(frozen=True, slots=True, kw_only=True)(cls)

    return mark


def event_name(cls: type[Any]) -> str:
    """The wire name of an event class."""
    return str(cls.EVENT)


def event_schema(cls: type[Any]) -> int:
    """The schema number of an event class."""
    return int(cls.SCHEMA)
