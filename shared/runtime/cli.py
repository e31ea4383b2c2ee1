"""The command line: what a person types, each verb with an example and one clear sentence of
failure. Imports are late, so that `--help` does not wait for web and database libraries."""

import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from shared.kernel.errors import Misconfigured, OpenDoorError
from shared.runtime.cli_backup import add_backup
from shared.runtime.cli_help import shown
from shared.runtime.cli_parked import add_parked
from shared.runtime.cli_projections import add_projections
from shared.runtime.cli_proving import add_proving
from shared.runtime.cli_shared import (
    SERVICES,
    DataDir,
    Json,
    ServiceName,
    ServiceOrAll,
    answer,
    fail,
    one_service,
    say,
    served_folder,
    settings_with,
    some_services,
    tool_settings,
)

if TYPE_CHECKING:
    from shared.runtime.cli_shared import LoadServices
    from shared.runtime.storytelling import Stage

    LoadDemonstration = Callable[[], Callable[[Stage], Awaitable[None]]]

Host = Annotated[
    str | None,
    typer.Option(help="Address to listen on, instead of OPENDOOR_HOST.", show_default=False),
]
Port = Annotated[
    int | None, typer.Option(help="Port of the API, instead of OPENDOOR_PORT.", show_default=False)
]
HealthPort = Annotated[
    int | None,
    typer.Option(help="Port of probes and metrics.", show_default=False),
]

TableFile = Annotated[Path, typer.Argument(help="Tab-separated text in UTF-8, with a header.")]


def build_cli(
    load_services: "LoadServices", load_demonstration: "LoadDemonstration"
) -> Callable[[], None]:
    """The command line over the given services."""
    app = build_app(load_services, load_demonstration)

    def run() -> None:
        try:
            sys.exit(app(prog_name="opendoor", standalone_mode=False))
        except typer.TyperException as error:
            fail(_usage_sentence(error), error.exit_code)
        except OpenDoorError as error:
            fail(error.detail)
        except OSError as error:
            fail(_os_sentence(error))

    return run


def build_app(
    load_services: "LoadServices", load_demonstration: "LoadDemonstration"
) -> typer.Typer:
    """Every verb, to be run or to be described."""
    app = typer.Typer(
        name="opendoor",
        help="Open Door: patient-safety events, their assurance and their lessons.\n\n"
        "Exit status: 0 done, 1 refused or failed with a sentence, 2 wrong usage.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,  # drawing boxes costs more than all the rest of a start
    )
    app.callback()(_opendoor)
    _add_servers(app, load_services, load_demonstration)
    _add_processes(app, load_services)
    _add_tools(app, load_services)
    _add_imports(app, load_services)
    add_projections(app, load_services)
    add_backup(app, load_services)
    add_parked(app, load_services)
    add_proving(app, load_services)
    return app


def _add_servers(
    app: typer.Typer, load_services: "LoadServices", load_demonstration: "LoadDemonstration"
) -> None:
    @app.command(epilog=shown("up --port 8000", done="told to end, and ended in order"))
    def up(host: Host = None, port: Port = None, data: DataDir = None) -> None:
        """Serves everything in one process, on files in var/data."""
        from shared.runtime.verbs.up import up as run

        settings = settings_with(environment="development", host=host, port=port, data_dir=data)
        run(load_services(), settings)

    @app.command(epilog=shown("demo", done="told to end, and ended in order"))
    def demo(
        host: Host = None,
        port: Port = None,
        data: Annotated[Path, typer.Option(help="Folder of the demonstration.")] = Path("var/demo"),
        build_only: Annotated[
            bool, typer.Option("--build-only", help="Make the data and stop.")
        ] = False,
    ) -> None:
        """Serves a synthetic England, built at the first start."""
        from shared.runtime.verbs.demo import demo as run

        settings = settings_with(
            environment="development", host=host, port=port, data_dir=data, synthetic=True
        )
        run(load_services(), settings, load_demonstration(), build_only=build_only)


def _add_processes(app: typer.Typer, load_services: "LoadServices") -> None:
    @app.command(epilog=shown("serve intake --port 8001", done="told to end, and ended in order"))
    def serve(
        service: ServiceName,
        host: Host = None,
        port: Port = None,
        health_port: HealthPort = None,
    ) -> None:
        """Serves one service's API, for production. There may be any number."""
        from shared.runtime.verbs.processes import serve as run

        chosen = one_service(load_services(), service)
        run(chosen, settings_with(host=host, port=port, health_port=health_port))

    @app.command(epilog=shown("work assurance", done="told to end, and ended in order"))
    def work(service: ServiceName, health_port: HealthPort = None) -> None:
        """Runs one service's relay, consumers, projections and clocks."""
        from shared.runtime.verbs.processes import work as run

        run(one_service(load_services(), service), settings_with(health_port=health_port))

    @app.command(epilog=shown("migrate all"))
    def migrate(
        service: ServiceOrAll = "all",
        as_json: Json = False,
    ) -> None:
        """Brings databases and topics up to date; safe to repeat."""
        from shared.runtime.showing import unknown_settings
        from shared.runtime.verbs.processes import migrate as run

        chosen, settings = some_services(load_services(), service), settings_with()
        for sentence in unknown_settings(os.environ):
            typer.echo(sentence, err=True)
        for one in chosen:
            say(run(one, settings), as_json)


def _add_tools(app: typer.Typer, load_services: "LoadServices") -> None:
    @app.command(epilog=shown("token --organisation RTH --role trust --person p1"))
    def token(
        organisation: Annotated[str, typer.Option(help="ODS code")],
        role: Annotated[
            str,
            typer.Option(
                help="trust, commissioner, region, national, author, reviewer, issuer, operator"
            ),
        ],
        person: Annotated[str, typer.Option(help="Who acts: the subject of the token.")] = "dev",
        hours: Annotated[int, typer.Option(min=1, max=720, help="How long it holds.")] = 12,
        data: DataDir = None,
        as_json: Json = False,
    ) -> None:
        """Signs a development token for what runs on this machine."""
        from shared.runtime.verbs.tokens import token as run

        settings = settings_with(environment="development", data_dir=data or served_folder())
        service = one_service(load_services(), SERVICES[0])
        try:
            signed = run(service, settings, organisation, role, person, hours)
        except Misconfigured as wrong:
            fail(wrong.detail, 2)
        answer({"token": signed}, signed, as_json)

    @app.command(epilog=shown("doctor", failed="something is not well, or it could not be asked"))
    def doctor(data: DataDir = None, as_json: Json = False) -> None:
        """Says what is set, what answers, and what is behind."""
        from shared.runtime.verbs.doctor import doctor as run

        found = run(load_services(), tool_settings(data))
        answer(found, "\n".join(found["lines"]), as_json)
        if not found["healthy"]:
            raise typer.Exit(1)


def _add_imports(app: typer.Typer, load_services: "LoadServices") -> None:
    imports = typer.Typer(no_args_is_help=True, help="Brings in reference tables.")
    app.add_typer(imports, name="import")
    kinds = {"trusts", "commissioners", "organisations"}

    @imports.command(epilog=shown("import organisations trusts.tsv --format trusts"))
    def organisations(
        file: TableFile,
        format: Annotated[  # the flag's natural name
            str, typer.Option(help="trusts, commissioners or organisations")
        ] = "organisations",
        data: DataDir = None,
        as_json: Json = False,
    ) -> None:
        """Adds a register file to every service's reference data."""
        from shared.runtime.verbs.imports import organisations as run

        if format not in kinds:
            fail(f"--format is one of {', '.join(sorted(kinds))}.", 2)
        say(run(load_services(), tool_settings(data), file, format), as_json)

    @imports.command(epilog=shown("import relations relations.tsv"))
    def relations(file: TableFile, data: DataDir = None, as_json: Json = False) -> None:
        """Records who commissions whom, from a dated table."""
        from shared.runtime.verbs.imports import relations as run

        say(run(one_service(load_services(), "assurance"), tool_settings(data), file), as_json)

    @imports.command(epilog=shown("import adoptions adoptions.tsv"))
    def adoptions(file: TableFile, data: DataDir = None, as_json: Json = False) -> None:
        """Adds which provider adopted which framework when."""
        from shared.runtime.verbs.imports import adoptions as run

        say(run(load_services(), tool_settings(data), file), as_json)


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        typer.echo(f"opendoor {version('open-door')}")
        raise typer.Exit


def _opendoor(
    version: Annotated[
        bool,
        typer.Option(
            "--version", help="Say the version and stop.", callback=_version, is_eager=True
        ),
    ] = False,
) -> None:
    """What stands before a verb."""


def _usage_sentence(error: typer.TyperException) -> str:
    """What was typed wrongly, and where the right way stands; the page of help, as it is laid out,
    where no command was named."""
    context: typer.Context | None = getattr(error, "ctx", None)
    if context and error.format_message() == context.get_help():
        return context.get_help()
    said = " ".join(error.format_message().split()).rstrip(".")
    command = context.command_path if context else "opendoor"
    return f"{said}: see `{command} --help`." if said else ""


def _os_sentence(error: OSError) -> str:
    what = error.strerror or type(error).__name__
    return f"{error.filename}: {what}." if error.filename else f"{what}."
