"""What a service's own code may reach beyond its arguments, as a port."""

from collections.abc import Sequence
from typing import Any, Protocol, TypeVar

from sqlalchemy import Executable

from shared.kernel.clock import Clock
from shared.kernel.decider import Aggregate
from shared.kernel.ids import Ids
from shared.nhs.frameworks import FrameworkAdoption
from shared.nhs.organisations import Register

S = TypeVar("S")


class Reach(Protocol):
    """What `facts.py`, queries and timers may reach: streams of the own service by id, its own
    read models, and reference data as loaded at the start."""

    @property
    def clock(self) -> Clock: ...

    @property
    def ids(self) -> Ids: ...

    @property
    def register(self) -> Register: ...

    @property
    def adoptions(self) -> Sequence[FrameworkAdoption]:
        """Which provider adopted which framework from when."""
        ...

    async def load(self, aggregate: Aggregate[S], id_: str) -> tuple[S, int]:
        """A stream of the own service folded, sealed texts opened, and its version (0: none)."""
        ...

    async def story(self, aggregate: Aggregate[Any], id_: str) -> Sequence[tuple[Any, Any]]:
        """(event opened, Recorded) of a stream in order; empty where there is none."""
        ...

    async def read(self, statement: Executable) -> Sequence[Any]:
        """Rows of the own read models."""
        ...
