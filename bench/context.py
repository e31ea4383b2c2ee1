"""What every row is given: servers, where results go, how long samples last, and the progress."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from bench.contestant import Contestant
from bench.names import CLIENTS, ROUNDS
from bench.results import Figure, Results, Unmeasured
from bench.sampling import Sample
from bench.servers import Servers

WARM_UP = 0.4


class Steps:
    """One bar over the whole run, in seconds as they were reckoned before; plain lines without a
    terminal."""

    def __init__(self, total: float) -> None:
        self._console = Console(stderr=True)
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TimeElapsedColumn(),
            console=self._console,
        )
        self._total = total
        self._task: TaskID | None = None

    @contextmanager
    def shown(self) -> Iterator[None]:
        with self._progress:
            self._task = self._progress.add_task("begins", total=self._total)
            yield

    def says(self, what: str) -> None:
        """What is being done now."""
        if self._task is not None:
            self._progress.update(self._task, description=what)
        if not self._console.is_terminal:
            self._console.print(what)

    def went(self, seconds: float) -> None:
        """So much of what was reckoned is done."""
        if self._task is not None:
            self._progress.advance(self._task, seconds)


@dataclass(slots=True, kw_only=True)
class Bench:
    """One run."""

    servers: Servers
    results: Results
    steps: Steps
    rounds: int = ROUNDS
    pace: float = 1.0
    """What the length of every sample is multiplied by."""

    def add(self, figure: Figure) -> None:
        self.results.figures.append(figure)

    def missing(self, row: str, name: str, why: str) -> None:
        """Something that this run cannot measure."""
        self.results.unmeasured.append(Unmeasured(row=row, name=name, why=why))

    async def in_turn(
        self,
        contestants: Sequence[Contestant],
        seconds: float,
        clients: Sequence[int] = CLIENTS,
    ) -> dict[tuple[str, int], list[Sample]]:
        """Samples by name and clients. One after another, round by round: what the machine does
        beside it meets all of them alike."""
        lasts = seconds * self.pace
        for one in contestants:
            await one.sample(clients[-1], WARM_UP)
        found: dict[tuple[str, int], list[Sample]] = {}
        for _ in range(self.rounds):
            for width in clients:
                for one in contestants:
                    sample = await one.sample(width, lasts)
                    found.setdefault((one.name, width), []).append(sample)
                    self.steps.went(seconds)
        return found
