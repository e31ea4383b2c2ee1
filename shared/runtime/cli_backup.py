"""The verbs that keep the embedded files: `backup` and `restore`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from shared.runtime.cli_help import shown
from shared.runtime.cli_shared import DataDir, Json, answer, tool_settings

if TYPE_CHECKING:
    from shared.runtime.cli_shared import LoadServices

KeysFolder = Annotated[
    Path | None,
    typer.Option(
        "--keys",
        help="Folder of the newest copy of the key stores, kept for days and never in a backup.",
        show_default=False,
    ),
]


def add_backup(app: typer.Typer, load_services: "LoadServices") -> None:
    """Adds the verbs."""

    @app.command(epilog=shown("backup /backups/2026-11-25 --keys /backups/keys"))
    def backup(
        folder: Annotated[Path, typer.Argument(help="An empty folder, or one to be made.")],
        keys: KeysFolder = None,
        data: DataDir = None,
        as_json: Json = False,
    ) -> None:
        """Copies the embedded logs, all as of one moment."""
        from shared.runtime.verbs.backup import backup as run

        found = run(load_services(), tool_settings(data), folder, keys=keys)
        answer(found, found.pop("sentence"), as_json)

    @app.command(
        epilog=shown(
            "restore /backups/2026-11-25 --keys /backups/keys --against kept-heads.json",
            failed="refused, with one sentence on standard error, and nothing changed",
        )
    )
    def restore(
        folder: Annotated[Path, typer.Argument(help="What `backup` wrote.")],
        keys: KeysFolder = None,
        against: Annotated[
            Path | None,
            typer.Option(
                help="Heads and receipts kept elsewhere: a backup that is behind them is refused.",
                show_default=False,
            ),
        ] = None,
        data: DataDir = None,
        as_json: Json = False,
    ) -> None:
        """Puts a backup in place where there is no log."""
        from shared.runtime.verbs.restore import restore as run

        found = run(load_services(), tool_settings(data), folder, keys=keys, against=against)
        answer(found, found.pop("sentence"), as_json)
