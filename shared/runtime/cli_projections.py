"""The verbs for read models: `projections`."""

from typing import TYPE_CHECKING, Annotated

import typer

from shared.runtime.cli_help import shown
from shared.runtime.cli_shared import (
    DataDir,
    Json,
    ServiceName,
    ServiceOrAll,
    answer,
    fail,
    one_service,
    some_services,
    tool_settings,
)

if TYPE_CHECKING:
    from shared.runtime.cli_shared import LoadServices


def add_projections(app: typer.Typer, load_services: "LoadServices") -> None:
    """Adds the verbs."""
    projections = typer.Typer(no_args_is_help=True, help="Read models: how they stand, filling.")
    app.add_typer(projections, name="projections")

    @projections.command(
        epilog=shown(
            "projections status intake",
            done="this version's read models are shown",
            failed="some are not built yet, or it could not be asked",
        )
    )
    def status(service: ServiceOrAll = "all", data: DataDir = None, as_json: Json = False) -> None:
        """Lists generations of read models, and how far they are."""
        from shared.runtime.verbs.projections import status as run

        found = run(some_services(load_services(), service), tool_settings(data))
        answer(found, "\n".join(found.pop("lines")), as_json)
        if not found["built"]:
            raise typer.Exit(1)

    @projections.command(epilog=shown("projections build all"))
    def build(
        service: ServiceOrAll = "all",
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

        chosen = some_services(load_services(), service)
        found = run(
            chosen, tool_settings(data), leave_swap=leave_swap, others_stopped=others_stopped
        )
        text = "\n".join(one["sentence"] for one in found)
        answer({"projections": found}, text, as_json)

    @projections.command(epilog=shown("projections rebuild intake events"))
    def rebuild(
        service: ServiceName,
        name: Annotated[str, typer.Argument(help="a name that `projections status` lists")],
        data: DataDir = None,
        as_json: Json = False,
    ) -> None:
        """Fills one read model anew, and shows it. Reads go on meanwhile."""
        from shared.runtime.verbs.projections import rebuild as run

        chosen = one_service(load_services(), service)
        names = [one.name for one in chosen.projections]
        if name not in names:
            fail(f"The read models of {chosen.name} are {', '.join(names)}.", 2)
        found = run(chosen, tool_settings(data), name)
        answer(found, found["sentence"], as_json)
