"""The verbs for records that a reader could not take: `dead-letters`."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from shared.runtime.cli_help import shown
from shared.runtime.cli_shared import (
    DataDir,
    Json,
    ServiceName,
    answer,
    fail,
    one_service,
    say,
    tool_settings,
)

if TYPE_CHECKING:
    from shared.runtime.cli_shared import LoadServices

Ids = Annotated[list[str], typer.Argument(help="ids from the list")]


def add_parked(app: typer.Typer, load_services: "LoadServices") -> None:
    """Adds the verbs."""
    letters = typer.Typer(no_args_is_help=True, help="Records that a reader could not take.")
    app.add_typer(letters, name="dead-letters")
    _add_looking(letters, load_services)
    _add_deciding(letters, load_services)


def _add_looking(letters: typer.Typer, load_services: "LoadServices") -> None:
    @letters.command("list", epilog=shown("dead-letters list assurance"))
    def list_(service: ServiceName, data: DataDir = None, as_json: Json = False) -> None:
        """Lists parked records with reader, place, error and age."""
        from shared.runtime.verbs.parked import listed as run

        found = run(one_service(load_services(), service), tool_settings(data))
        answer({"parked": found}, "\n".join(map(_line, found)) or "Nothing is parked.", as_json)

    @letters.command(epilog=shown("dead-letters show assurance opendoor.intake.v1/3#12"))
    def show(
        service: ServiceName,
        id: Annotated[str, typer.Argument(help="an id from the list")],
        data: DataDir = None,
        as_json: Json = False,
    ) -> None:
        """Shows one parked record whole, and what waits behind it."""
        from shared.runtime.verbs.parked import shown as run

        found = run(one_service(load_services(), service), tool_settings(data), id)
        answer(found, _whole(found), as_json)


def _add_deciding(letters: typer.Typer, load_services: "LoadServices") -> None:
    @letters.command(epilog=shown("dead-letters retry assurance opendoor.intake.v1/3#12"))
    def retry(service: ServiceName, ids: Ids, data: DataDir = None, as_json: Json = False) -> None:
        """Asks the owning worker to take parked records again."""
        from shared.runtime.verbs.parked import retry as run

        say(run(one_service(load_services(), service), tool_settings(data), ids), as_json)

    @letters.command(
        epilog=shown("dead-letters skip intake opendoor.learning.v1/0#12 --reason twice")
    )
    def skip(
        service: ServiceName,
        ids: Ids,
        reason: Annotated[str, typer.Option(help="why it will never be taken")],
        data: DataDir = None,
        as_json: Json = False,
    ) -> None:
        """Asks the owning worker to pass parked records by."""
        from shared.runtime.verbs.parked import skip as run

        if not reason.strip():
            fail("Say why the record will never be taken: --reason.", 2)
        say(run(one_service(load_services(), service), tool_settings(data), ids, reason), as_json)


def _line(row: dict[str, Any]) -> str:
    where = f"{row['id']}  {row['state']:<15} {row['reader']}"
    return f"{where}  {row['age']} old, since {row['since']}  {row['error']}"


def _whole(found: dict[str, Any]) -> str:
    import orjson

    record = orjson.dumps(found["record"], option=orjson.OPT_INDENT_2).decode()
    behind = ", ".join(found["behind"]) or "nothing"
    lines = [
        f"{found['id']}, read by {found['reader']}: {found['state']}",
        f"error: {found['error']}",
        f"since: {found['since']}, {found['age']} ago; tried again {found['attempts']} times",
        f"behind it, of the same key: {behind}",
    ]
    if found["reason"]:
        lines.append(f"to be passed by: {found['reason']}")
    return "\n".join((*lines, "record:", record))
