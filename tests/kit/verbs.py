"""Every verb of the command line, as its application holds it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import typer

from services.__main__ import load_demonstration, load_services
from shared.runtime.cli import build_app


@dataclass(frozen=True, slots=True, kw_only=True)
class Verb:
    """What is typed after `opendoor`, the lines of its help, and its options."""

    words: str
    help: str
    options: frozenset[str]
    group: bool


def verbs(app: typer.Typer | None = None) -> list[Verb]:
    """All of them, groups before what is in them."""
    command = typer.main.get_command(app or build_app(load_services, load_demonstration))
    return list(_below(command, typer.Context(command, info_name="opendoor"), ()))


def _below(command: Any, context: typer.Context, words: tuple[str, ...]) -> Iterator[Verb]:
    within = getattr(command, "commands", {})
    if words:
        yield Verb(
            words=" ".join(words),
            help=command.get_help(context),
            options=frozenset(option for one in command.params for option in one.opts),
            group=bool(within),
        )
    for name, one in within.items():
        below = typer.Context(one, info_name=name, parent=context)
        yield from _below(one, below, (*words, name))
