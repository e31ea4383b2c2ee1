"""What verbs share: options, the services and settings that are meant, and how they answer."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

if TYPE_CHECKING:
    from collections.abc import Callable

    from shared.runtime.service import Service
    from shared.runtime.settings import Settings

    LoadServices = Callable[[], tuple[Service, ...]]

SERVICES = ("intake", "assurance", "learning")

Json = Annotated[bool, typer.Option("--json", help="Answer in JSON.")]
DataDir = Annotated[
    Path | None, typer.Option("--data", help="Folder of the embedded files.", show_default=False)
]
ServiceName = Annotated[
    str,
    typer.Argument(help="intake, assurance or learning", autocompletion=lambda: list(SERVICES)),
]
ServiceOrAll = Annotated[
    str,
    typer.Argument(
        help="intake, assurance, learning or all", autocompletion=lambda: [*SERVICES, "all"]
    ),
]


def settings_with(**given: object) -> "Settings":
    """Those of the environment; what is given wins. Raises Misconfigured."""
    from shared.runtime.settings import load_settings

    return load_settings(**given)


def served_folder() -> Path | None:
    """Where the server on this machine keeps its files: the demonstration's, if it was built."""
    return next((one for one in (Path("var/demo"), Path("var/data")) if one.exists()), None)


def tool_settings(data: Path | None) -> "Settings":
    """Settings of a tool: on a folder of embedded files, development is meant."""
    embedded = not os.environ.get("OPENDOOR_DATABASE_URL")
    environment = "development" if data or embedded else None
    return settings_with(
        environment=environment, data_dir=data or (served_folder() if embedded else None)
    )


def one_service(services: "tuple[Service, ...]", name: str) -> "Service":
    """The service of that name; wrong usage where there is none."""
    return some_services(services, name if name != "all" else "")[0]


def some_services(services: "tuple[Service, ...]", name: str) -> "tuple[Service, ...]":
    """The service of that name, or `all`; wrong usage where there is none."""
    found = services if name == "all" else tuple(one for one in services if one.name == name)
    if not found:
        fail(f"The services are {', '.join(SERVICES)}.", 2)
    return found


def answer(found: dict[str, Any], text: str, as_json: bool) -> None:
    """Prints what was found, as data or in words."""
    if as_json:
        import orjson

        text = orjson.dumps(found, option=orjson.OPT_INDENT_2, default=str).decode()
    typer.echo(text)


def say(sentence: str, as_json: bool) -> None:
    """Prints one sentence, as data or as it is."""
    answer({"said": sentence}, sentence, as_json)


def fail(sentence: str, status: int = 1) -> NoReturn:
    """Ends the process with one sentence on standard error."""
    if sentence:
        typer.echo(sentence, err=True)
    sys.exit(status)
