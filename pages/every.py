"""Every page that is made from the code, by its path."""

import asyncio
import json
from pathlib import Path
from typing import Any

from pages import api, events, verbs
from pages.command_line import verbs as every_verb
from pages.served import Served, served
from services.__main__ import load_services
from shared.contracts.asyncapi import document
from shared.runtime.app import VERSION

GOLDENS = Path("tests") / "contracts" / "goldens"


def every(root: Path) -> dict[str, str]:
    """Text by path below `root`, which gives the goldens that stand as examples."""
    services = asyncio.run(served(load_services()))
    return {
        **{f"docs/openapi/{one.service.name}.json": as_json(one.openapi) for one in services},
        "docs/asyncapi.json": as_json(document(VERSION)),
        "docs/api.md": api.page(services),
        "docs/events.md": events.page(_services(services), root / GOLDENS),
        "docs/verbs.md": verbs.page(every_verb()),
    }


def as_json(document: dict[str, Any]) -> str:
    """How a document is written: two spaces, one line at the end."""
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _services(services: tuple[Served, ...]) -> list[Any]:
    return [one.service for one in services]
