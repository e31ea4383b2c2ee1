"""A log held against what others kept of it: signed heads and receipts."""

from collections.abc import Callable, Sequence

from shared.contracts.envelope import instant
from shared.log.base import Head, Recorded
from shared.security.evidence import Evidence, KeySeries, Receipt, fault_of


class Against:
    """Holds evidence against one service's log, row by row as the chain is verified.

    `faults` grows: a sentence for each piece that does not hold, or that the log does not bear
    out. What does not hold by itself is not looked for in the log. `checked` is told how many
    signatures were checked on the way.
    """

    def __init__(
        self,
        service: str,
        evidence: Sequence[Evidence],
        published: Sequence[KeySeries],
        checked: Callable[[int], None] = lambda count: None,
    ) -> None:
        self.faults: list[str] = []
        self.held = 0
        self._waiting: dict[int, list[Evidence]] = {}
        for count, one in enumerate(evidence, 1):
            fault = _of_another(one, service) or fault_of(one, published)
            if fault:
                self.faults.append(fault)
            else:
                self._waiting.setdefault(one.position, []).append(one)
            checked(count)

    def meet(self, rows: Sequence[Recorded]) -> None:
        """Looks at rows of the log, in order."""
        for row in rows:
            for one in self._waiting.pop(row.position, ()):
                if (one.hash, one.time) == (row.hash.hex(), instant(row.recorded_at)):
                    self.held += 1
                else:
                    self.faults.append(
                        f"{one.name} does not fit what stands there: the log was rewritten."
                    )

    def end(self, head: Head) -> None:
        """Says of what was not met that the log is cut."""
        for position in sorted(self._waiting):
            for one in self._waiting[position]:
                kind = "receipt" if isinstance(one, Receipt) else "head"
                self.faults.append(
                    f"The log ends at {head.position}, the {kind} says {position}: "
                    "its end was cut off."
                )


def _of_another(one: Evidence, service: str) -> str | None:
    return None if one.service == service else f"{one.name} is not about {service}."
