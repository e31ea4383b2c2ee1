"""`python -m pages`: writes the pages; with `--check` says which are not as the code has them."""

import sys
from pathlib import Path

from pages.every import every
from pages.settings import faults

ROOT = Path(__file__).parents[1]


def stale(root: Path, pages: dict[str, str]) -> list[str]:
    """The pages below `root` that are missing or differ."""
    return [name for name, text in pages.items() if _held(root / name) != text]


def _held(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.exists() else None


def write(root: Path, pages: dict[str, str]) -> None:
    """Writes the pages below `root`."""
    for name, text in pages.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")


def main(root: Path = ROOT, arguments: tuple[str, ...] = tuple(sys.argv[1:])) -> int:
    """The exit status: 1 where a page does not say what the code does."""
    pages = every(root)
    if "--check" not in arguments:
        write(root, pages)
    found = [
        f"{name} is not as the code has it: `make docs` writes it." for name in stale(root, pages)
    ]
    found += faults((root / "docs" / "running.md").read_text(encoding="utf-8"))
    sys.stderr.write("".join(f"{one}\n" for one in found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
