"""Progress of long work: a bar with time left on a terminal, plain lines elsewhere."""

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

STEPS = 10
"""Plain lines that long work prints, where there is no terminal."""


@contextmanager
def progress_bar(title: str) -> Iterator[Callable[[int, int, str], None]]:
    """Gives a function of (done, total, what is being done)."""
    if not sys.stderr.isatty():
        yield _lines(title)
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        TimeRemainingColumn(),
    )
    bar = Progress(*columns, console=Console(stderr=True))
    with ExitStack() as shown:

        def show(done: int, total: int, what: str) -> None:
            if not bar.tasks:  # where nothing is to be done there is no bar
                shown.enter_context(bar)
                bar.add_task(title, total=None)
            task = bar.tasks[0].id
            bar.update(task, completed=done, total=total, description=f"{title}: {what}")

        yield show


def about(show: Callable[[int, int, str], None], what: str) -> Callable[[int, int], None]:
    """The same, of one thing."""
    return lambda done, total: show(done, total, what)


def _lines(title: str) -> Callable[[int, int, str], None]:
    told = -1

    def show(done: int, total: int, what: str) -> None:
        nonlocal told
        step = done * STEPS // total if total else 0
        if step != told:
            told = step
            sys.stderr.write(f"{title}: {100 * done // total if total else 0}% {what}\n")

    return show
