"""The verbs by which a log is proved to others: `verify`, `keys` and `receipt`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from shared.kernel.errors import OpenDoorError
from shared.runtime.cli_help import shown
from shared.runtime.cli_shared import (
    DataDir,
    Json,
    ServiceName,
    ServiceOrAll,
    answer,
    one_service,
    some_services,
    tool_settings,
)

if TYPE_CHECKING:
    from shared.runtime.cli_shared import LoadServices

KeysOption = Annotated[
    str | None,
    typer.Option(
        "--keys",
        help="Public keys: a file or an address that answers as GET /<service>/keys. Without it, "
        "this deployment's own.",
        show_default=False,
    ),
]


def add_proving(app: typer.Typer, load_services: "LoadServices") -> None:
    """Adds the verbs."""
    _add_verify(app, load_services)
    _add_keys(app, load_services)
    _add_receipt(app, load_services)


def _add_verify(app: typer.Typer, load_services: "LoadServices") -> None:
    @app.command(
        epilog=shown(
            "verify intake --against kept-heads.json",
            failed="a broken chain, or something kept that does not fit",
        )
    )
    def verify(
        service: ServiceName,
        against: Annotated[
            Path | None,
            typer.Option(
                help="Heads and receipts kept elsewhere, JSON or one a line, as GET /heads, the "
                "topic or a filing's answer gives them.",
                show_default=False,
            ),
        ] = None,
        keys: KeysOption = None,
        data: DataDir = None,
        as_json: Json = False,
    ) -> None:
        """Checks a service's whole log, and what others kept of it."""
        from shared.runtime.verbs.proving import verify as run

        chosen = one_service(load_services(), service)
        found = run(chosen, tool_settings(data), against=against, keys=keys)
        answer(found, found["sentence"], as_json)
        if not found["intact"]:
            raise typer.Exit(1)


def _add_keys(app: typer.Typer, load_services: "LoadServices") -> None:
    keys = typer.Typer(no_args_is_help=True, help="Keys that sign heads and receipts.")
    app.add_typer(keys, name="keys")

    @keys.command("list", epilog=shown("keys list intake --json > intake-keys.json"))
    def list_(
        service: ServiceOrAll = "all",
        data: DataDir = None,
        as_json: Json = False,
    ) -> None:
        """Lists public keys. `--json` makes a file for --keys."""
        from shared.runtime.verbs.keys import listed as run

        found = run(some_services(load_services(), service), tool_settings(data))
        lines = [line for one in found for line in (one.pop("sentence"), *map(_line, one["items"]))]
        answer({"series": found} if service == "all" else found[0], "\n".join(lines), as_json)

    @keys.command(epilog=shown("keys rotate intake"))
    def rotate(service: ServiceName, data: DataDir = None, as_json: Json = False) -> None:
        """Makes a new key that signs. Earlier ones stay published."""
        from shared.runtime.verbs.keys import rotate as run

        found = run(one_service(load_services(), service), tool_settings(data))
        answer(found, found.pop("sentence"), as_json)


def _add_receipt(app: typer.Typer, load_services: "LoadServices") -> None:
    receipt = typer.Typer(no_args_is_help=True, help="Receipts of what was filed.")
    app.add_typer(receipt, name="receipt")

    @receipt.command(
        epilog=shown(
            "receipt verify answer.json --keys intake-keys.json",
            done="the receipt holds",
            failed="it does not hold, or it could not be asked",
        )
    )
    def verify(
        file: Annotated[Path, typer.Argument(help="The receipt, or the answer that holds it.")],
        keys: KeysOption = None,
        filed: Annotated[
            Path | None,
            typer.Option(help="What was sent, byte for byte: is it what was filed?"),
        ] = None,
        data: DataDir = None,
        as_json: Json = False,
    ) -> None:
        """Checks a receipt. With --keys nothing of the deployment is asked."""
        from shared.runtime.verbs.proving import verify_receipt as run

        settings = tool_settings(data)
        found = run(load_services(), settings, file, keys=keys, filed=filed)
        if not found["holds"] and not as_json:
            raise OpenDoorError(found["sentence"])
        answer(found, found["sentence"], as_json)
        if not found["holds"]:
            raise typer.Exit(1)


def _line(key: dict[str, str | None]) -> str:
    return f"  {key['id']}  from {key['valid_from']}  until {key['valid_until'] or 'replaced'}"
