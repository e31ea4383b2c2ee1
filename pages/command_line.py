"""Every verb of the command line, as its application holds it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import typer

from services.__main__ import load_demonstration, load_services
from shared.runtime.cli import build_app

WIDTH = 80
"""Columns of help, whatever the terminal at hand has."""


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
    return list(_below(command, _context(command, "opendoor", None), ()))


def _context(command: Any, name: str, parent: typer.Context | None) -> typer.Context:
    return typer.Context(command, info_name=name, parent=parent, terminal_width=WIDTH)


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
        yield from _below(one, _context(one, name, context), (*words, name))
