"""The command line: what a person types, each verb with an example and one clear sentence of
failure. Imports are late, so that `--help` does not wait for web and database libraries."""

import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from shared.kernel.errors import Misconfigured, OpenDoorError
from shared.runtime.cli_help import shown

if TYPE_CHECKING:
    from shared.runtime.service import Service
    from shared.runtime.storytelling import Stage

SERVICES = ("intake", "assurance", "learning")

Json = Annotated[bool, typer.Option("--json", help="Answer in JSON.")]
DataDir = Annotated[
    Path | None, typer.Option("--data", help="Folder of the embedded files.", show_default=False)
]
ServiceName = Annotated[
    str,
    typer.Argument(help="intake, assurance or learning", autocompletion=lambda: list(SERVICES)),
]


def build_cli(
    load_services: "Callable[[], tuple[Service, ...]]",
    load_demonstration: "Callable[[], Callable[[Stage], Awaitable[None]]]",
) -> Callable[[], None]:
    """The command line over the given services."""
    app = build_app(load_services, load_demonstration)

    def run() -> None:
        try:
            sys.exit(app(prog_name="opendoor", standalone_mode=False))
        except typer.TyperException as error:
            _fail(_usage_sentence(error), error.exit_code)
        except OpenDoorError as error:
            _fail(error.detail)
        except OSError as error:
            _fail(_os_sentence(error))

    return run


def build_app(
    load_services: "Callable[[], tuple[Service, ...]]",
    load_demonstration: "Callable[[], Callable[[Stage], Awaitable[None]]]",
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
    _add_projections(app, load_services)
    # They take what they share with the others from here.
    from shared.runtime.cli_backup import add_backup
    from shared.runtime.cli_parked import add_parked
    from shared.runtime.cli_proving import add_proving

    add_backup(app, load_services)
    add_parked(app, load_services)
    add_proving(app, load_services)
    return app


def _add_servers(
    app: typer.Typer,
    load_services: "Callable[[], tuple[Service, ...]]",
    load_demonstration: "Callable[[], Callable[[Stage], Awaitable[None]]]",
) -> None:
    @app.command(epilog=shown("up --port 8000", done="told to end, and ended in order"))
    def up(host: str | None = None, port: int | None = None, data: DataDir = None) -> None:
        """Serves everything in one process, on files in var/data."""
        from shared.runtime.verbs.up import up as run

        settings = _settings(environment="development", host=host, port=port, data_dir=data)
        run(load_services(), settings)

    @app.command(epilog=shown("demo", done="told to end, and ended in order"))
    def demo(
        host: str | None = None,
        port: int | None = None,
        data: Annotated[Path, typer.Option(help="Folder of the demonstration.")] = Path("var/demo"),
        build_only: Annotated[
            bool, typer.Option("--build-only", help="Make the data and stop.")
        ] = False,
    ) -> None:
        """Serves a synthetic England, built at the first start."""
        from shared.runtime.verbs.demo import demo as run

        settings = _settings(
            environment="development", host=host, port=port, data_dir=data, synthetic=True
        )
        run(load_services(), settings, load_demonstration(), build_only=build_only)


def _add_processes(app: typer.Typer, load_services: "Callable[[], tuple[Service, ...]]") -> None:
    @app.command(epilog=shown("serve intake --port 8001", done="told to end, and ended in order"))
    def serve(
        service: ServiceName,
        host: str | None = None,
        port: int | None = None,
        health_port: int | None = None,
    ) -> None:
        """Serves one service's API, for production. There may be any number."""
        from shared.runtime.verbs.processes import serve as run

        chosen = _one(load_services(), service)
        run(chosen, _settings(host=host, port=port, health_port=health_port))

    @app.command(epilog=shown("work assurance", done="told to end, and ended in order"))
    def work(service: ServiceName, health_port: int | None = None) -> None:
        """Runs one service's relay, consumers, projections and clocks."""
        from shared.runtime.verbs.processes import work as run

        run(_one(load_services(), service), _settings(health_port=health_port))

    @app.command(epilog=shown("migrate all"))
    def migrate(
        service: Annotated[str, typer.Argument(help="intake, assurance, learning or all")] = "all",
        as_json: Json = False,
    ) -> None:
        """Brings databases and topics up to date; safe to repeat."""
        from shared.runtime.verbs.processes import migrate as run

        for one in _some(load_services(), service):
            _say(run(one, _settings()), as_json)


def _add_tools(app: typer.Typer, load_services: "Callable[[], tuple[Service, ...]]") -> None:
    @app.command(epilog=shown("token --organisation RTH --role trust --person p1"))
    def token(
        organisation: Annotated[str, typer.Option(help="ODS code")],
        role: Annotated[
            str,
            typer.Option(
                help="trust, commissioner, region, national, author, reviewer, issuer, operator"
            ),
        ],
        person: str = "dev",
        hours: Annotated[int, typer.Option(min=1, max=720)] = 12,
        data: DataDir = None,
        as_json: Json = False,
    ) -> None:
        """Signs a development token for what runs on this machine."""
        from shared.runtime.verbs.tokens import token as run

        settings = _settings(environment="development", data_dir=data or _served_folder())
        service = _one(load_services(), SERVICES[0])
        try:
            signed = run(service, settings, organisation, role, person, hours)
        except Misconfigured as wrong:
            _fail(wrong.detail, 2)
        _answer({"token": signed}, signed, as_json)

    @app.command(epilog=shown("doctor", failed="something is not well, or it could not be asked"))
    def doctor(data: DataDir = None, as_json: Json = False) -> None:
        """Says what is set, what answers, and what is behind."""
        from shared.runtime.verbs.inspect import doctor as run

        found = run(load_services(), _tool_settings(data))
        _answer(found, "\n".join(found["lines"]), as_json)
        if not found["healthy"]:
            raise typer.Exit(1)


def _add_imports(app: typer.Typer, load_services: "Callable[[], tuple[Service, ...]]") -> None:
    imports = typer.Typer(no_args_is_help=True, help="Brings in reference tables.")
    app.add_typer(imports, name="import")
    kinds = {"trusts", "commissioners", "organisations"}

    @imports.command(epilog=shown("import organisations trusts.tsv --format trusts"))
    def organisations(
        file: Path,
        format: Annotated[  # the flag's natural name
            str, typer.Option(help="trusts, commissioners or organisations")
        ] = "organisations",
        data: DataDir = None,
        as_json: Json = False,
    ) -> None:
        """Adds a register file to every service's reference data."""
        from shared.runtime.verbs.imports import organisations as run

        if format not in kinds:
            _fail(f"--format is one of {', '.join(sorted(kinds))}.", 2)
        _say(run(load_services(), _tool_settings(data), file, format), as_json)

    @imports.command(epilog=shown("import relations relations.tsv"))
    def relations(file: Path, data: DataDir = None, as_json: Json = False) -> None:
        """Records who commissions whom, from a dated table."""
        from shared.runtime.verbs.imports import relations as run

        _say(run(_one(load_services(), "assurance"), _tool_settings(data), file), as_json)

    @imports.command(epilog=shown("import adoptions adoptions.tsv"))
    def adoptions(file: Path, data: DataDir = None, as_json: Json = False) -> None:
        """Adds which provider adopted which framework when."""
        from shared.runtime.verbs.imports import adoptions as run

        _say(run(load_services(), _tool_settings(data), file), as_json)


def _add_projections(app: typer.Typer, load_services: "Callable[[], tuple[Service, ...]]") -> None:
    projections = typer.Typer(no_args_is_help=True, help="Read models: how they stand, filling.")
    app.add_typer(projections, name="projections")
    services = Annotated[str, typer.Argument(help="intake, assurance, learning or all")]

    @projections.command(
        epilog=shown(
            "projections status intake",
            done="this version's read models are shown",
            failed="some are not built yet, or it could not be asked",
        )
    )
    def status(service: services = "all", data: DataDir = None, as_json: Json = False) -> None:
        """Lists generations of read models, and how far they are."""
        from shared.runtime.verbs.projections import status as run

        found = run(_some(load_services(), service), _tool_settings(data))
        _answer(found, "\n".join(found.pop("lines")), as_json)
        if not found["built"]:
            raise typer.Exit(1)

    @projections.command(epilog=shown("projections build all"))
    def build(
        service: services = "all",
        leave_swap: Annotated[
            bool, typer.Option("--leave-swap", help="Fill; this version's workers show it.")
        ] = False,
        others_stopped: Annotated[
            bool, typer.Option("--others-stopped", help="No older version reads: columns may go.")
        ] = False,
        data: DataDir = None,
        as_json: Json = False,
    ) -> None:
        """Fills read models whose form changed, and shows them. Reads go on meanwhile."""
        from shared.runtime.verbs.projections import build as run

        chosen = _some(load_services(), service)
        found = run(
            chosen, _tool_settings(data), leave_swap=leave_swap, others_stopped=others_stopped
        )
        text = "\n".join(one["sentence"] for one in found)
        _answer({"projections": found}, text, as_json)

    @projections.command(epilog=shown("projections rebuild intake events"))
    def rebuild(
        service: ServiceName,
        name: Annotated[str, typer.Argument(help="a name that `projections status` lists")],
        data: DataDir = None,
        as_json: Json = False,
    ) -> None:
        """Fills one read model anew, and shows it. Reads go on meanwhile."""
        from shared.runtime.verbs.projections import rebuild as run

        chosen = _one(load_services(), service)
        names = [one.name for one in chosen.projections]
        if name not in names:
            _fail(f"The read models of {chosen.name} are {', '.join(names)}.", 2)
        found = run(chosen, _tool_settings(data), name)
        _answer(found, found["sentence"], as_json)


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


def _settings(**given: object) -> Any:
    from shared.runtime.settings import load_settings

    return load_settings(**given)


def _served_folder() -> Path | None:
    """Where the server on this machine keeps its files: the demonstration's, if it was built."""
    return next((one for one in (Path("var/demo"), Path("var/data")) if one.exists()), None)


def _tool_settings(data: Path | None) -> Any:
    """Settings of a tool: on a folder of embedded files, development is meant."""
    import os

    embedded = not os.environ.get("OPENDOOR_DATABASE_URL")
    environment = "development" if data or embedded else None
    return _settings(
        environment=environment, data_dir=data or (_served_folder() if embedded else None)
    )


def _one(services: "tuple[Service, ...]", name: str) -> "Service":
    return _some(services, name if name != "all" else "")[0]


def _some(services: "tuple[Service, ...]", name: str) -> "tuple[Service, ...]":
    found = services if name == "all" else tuple(one for one in services if one.name == name)
    if not found:
        _fail(f"The services are {', '.join(SERVICES)}.", 2)
    return found


def _answer(found: dict[str, Any], text: str, as_json: bool) -> None:
    if as_json:
        import orjson

        text = orjson.dumps(found, option=orjson.OPT_INDENT_2, default=str).decode()
    typer.echo(text)


def _say(sentence: str, as_json: bool) -> None:
    _answer({"said": sentence}, sentence, as_json)


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


def _fail(sentence: str, status: int = 1) -> NoReturn:
    if sentence:
        typer.echo(sentence, err=True)
    sys.exit(status)
