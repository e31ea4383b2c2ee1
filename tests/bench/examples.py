"""Results as a run would leave them, with figures that a test names."""

from collections.abc import Sequence

from bench.names import APPEND, CLIENTS, EIGHT, FAIRNESS, POSTGRES, SQLITE
from bench.results import Figure, Results, Unmeasured


def appends(name: str, values: Sequence[float]) -> list[Figure]:
    """A figure for each number of clients."""
    return [
        Figure(
            row=APPEND,
            name=name,
            unit="appends/s",
            samples=(value - 1, value, value + 2),
            clients=clients,
            p50=1.25,
            p99=10.5,
            client_share=0.25,
        )
        for clients, value in zip(CLIENTS, values, strict=True)
    ]


def results(*more: Figure) -> Results:
    """A short run: two contestants of one row, and something that could not be measured."""
    return Results(
        began="2026-11-25T18:00:00+00:00",
        command="make bench",
        seconds=12.5,
        machine={"cores": "2"},
        versions={"python": "3.11.7"},
        settings={"fsync": "on"},
        figures=[
            *appends(POSTGRES, (100, 700, 2000, 2500)),
            *appends(SQLITE, (200, 600, 900, 1100)),
            *more,
        ],
        unmeasured=[Unmeasured(row=APPEND, name="message-db", why="there is no npm.")],
    )


def fairness(value: float) -> Figure:
    """What the bar of eight processes reads."""
    return Figure(row=EIGHT, name=FAIRNESS, unit="times", samples=(value,))
