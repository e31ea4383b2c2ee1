"""Database engines are made in the packages that own connections, and nowhere else."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.tree import PRODUCT, ROOT, Fault, build, sources

OWNERS = tuple(f"shared/{name}/" for name in ("log", "bus", "projections", "privacy", "runtime"))
ENGINE_MODULE = "sqlalchemy.ext.asyncio"
ENGINE_NAMES = frozenset("create_engine create_async_engine".split())


def engine_users(root: Path) -> list[str]:
    """`file: what it takes`, for every file outside the owners that reaches for an engine.

    A type alone is no engine: names under `if TYPE_CHECKING:` count as well, on purpose.
    """
    found = []
    for path in sources(root, *PRODUCT):
        place = path.relative_to(root).as_posix()
        if not place.startswith(OWNERS):
            found += [f"{place}: {what}" for what in _takes(ast.parse(path.read_text()))]
    return found


def _takes(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from (n.name for n in names if n.name.startswith(ENGINE_MODULE))
            case ast.ImportFrom(module=str(module), names=names):
                taken = {name.name for name in names}
                if module.startswith(ENGINE_MODULE) or taken & ENGINE_NAMES:
                    yield module


def test_only_the_owners_make_engines() -> None:
    assert engine_users(ROOT) == []


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("services.intake.facts", "from sqlalchemy.ext.asyncio import create_async_engine"),
        ("services.learning.projections.views", "import sqlalchemy.ext.asyncio"),
        ("shared.web.base", "from sqlalchemy import create_engine"),
    ],
)
def test_a_planted_engine_is_found(tmp_path: Path, module: str, line: str) -> None:
    build(tmp_path, [Fault(module, line, "engines")])
    assert len(engine_users(tmp_path)) == 1


def test_an_owner_may(tmp_path: Path) -> None:
    line = "from sqlalchemy.ext.asyncio import create_async_engine"
    build(tmp_path, [Fault("shared.log.base", line, "engines")])
    assert engine_users(tmp_path) == []
