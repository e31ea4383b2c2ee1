"""The `opendoor` command; the one place that lists the three services."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from shared.runtime.cli import build_cli
from shared.runtime.garbage import collect_seldom

if TYPE_CHECKING:
    from shared.runtime.service import Service
    from shared.runtime.storytelling import Stage


def load_services() -> "tuple[Service, ...]":
    """The three services; imported late, so that `--help` stays quick."""
    from services.assurance.service import service as assurance
    from services.intake.service import service as intake
    from services.learning.service import service as learning

    return intake, assurance, learning


def load_demonstration() -> "Callable[[Stage], Awaitable[None]]":
    """The demonstration's script, which plays on the public APIs alone."""
    from services.demonstration.play import play

    return play


def main() -> None:
    """Runs the command line."""
    collect_seldom()
    build_cli(load_services, load_demonstration)()


if __name__ == "__main__":
    main()
