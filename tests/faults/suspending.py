"""Faults at every await: something happens at the k-th time a coroutine gives the loop its turn."""

from collections.abc import Callable, Coroutine, Generator
from typing import Any, Generic, Literal, TypeVar

T = TypeVar("T")

When = Literal["waiting", "woken"]
"""At an await: as it begins, or once what it waited for is there and nothing was done with it."""
WHENS: tuple[When, ...] = ("waiting", "woken")


class Suspending(Generic[T]):
    """Awaits a coroutine and does `fault` at its suspension number `at` (from 1). With 0 it only
    counts: `count` is how often it was suspended."""

    def __init__(
        self,
        coroutine: Coroutine[Any, Any, T],
        *,
        at: int = 0,
        when: When = "waiting",
        fault: Callable[[], object] = lambda: None,
    ) -> None:
        self.count = 0
        self._coroutine = coroutine
        self._at = at
        self._when = when
        self._fault = fault

    def __await__(self) -> Generator[Any, None, T]:
        raised: BaseException | None = None
        while True:
            try:
                waits = self._coroutine.throw(raised) if raised else self._coroutine.send(None)
            except StopIteration as done:
                result: T = done.value
                return result
            self.count += 1
            self._meets("waiting")
            raised = None
            try:
                yield waits
            except BaseException as error:  # whatever it is, it is the coroutine's
                raised = error
            self._meets("woken")

    def _meets(self, when: When) -> None:
        if self.count == self._at and when == self._when:
            self._fault()
