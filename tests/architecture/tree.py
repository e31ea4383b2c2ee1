"""A small copy of the house, laid out as the real one, into which a test plants one fault."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PRODUCT = ("services", "shared")

SERVICES = ("intake", "assurance", "learning")
AGGREGATE = {"intake": "incident", "assurance": "case", "learning": "lesson"}
PARTS = ("messages", "state", "relations", "facts", "decide")
ROLES = ("service", "commands", "reactions", "facts", "publisher")
SHARED = (
    "kernel",
    "telemetry",
    "contracts",
    "nhs",
    "privacy",
    "security",
    "log",
    "bus",
    "projections",
    "web",
    "runtime",
)


@dataclass(frozen=True, slots=True)
class Fault:
    """One line that does not belong where it stands, and the id of the rule that must say so."""

    module: str
    line: str
    rule: str

    @property
    def arrow(self) -> str:
        """How import-linter writes it: importer, arrow, imported."""
        words = self.line.split()
        imported = f"{words[1]}.{words[3]}" if self.line.startswith("from services") else words[1]
        return f"{self.module} -> {imported} (l."


def modules() -> list[str]:
    """Every module of the small house."""
    found = ["bench", "pages", "services", "services.__main__", "shared", "tests", "tests.kit"]
    for name in SHARED:
        found += [f"shared.{name}", f"shared.{name}.base"]
    for service in SERVICES:
        house = f"services.{service}"
        aggregate = f"{house}.domain.{AGGREGATE[service]}"
        found += [house, *(f"{house}.{role}" for role in ROLES)]
        found += [f"{house}.{package}" for package in ("api", "projections", "domain")]
        found += [f"{house}.api.reads", f"{house}.projections.views"]
        found += [f"{house}.domain.rules", f"{house}.domain.marks"]
        found += [aggregate, *(f"{aggregate}.{part}" for part in PARTS)]
    return [*found, "services.assurance.domain.activity"]


def build(root: Path, faults: Iterable[Fault] = ()) -> None:
    """Writes the small house into `root`, with the given faults."""
    planted: dict[str, str] = {}
    for fault in faults:
        planted[fault.module] = f"{planted.get(fault.module, '')}{fault.line}\n"
    every = modules()
    for module in every:
        path = root.joinpath(*module.split("."))
        filled = any(other.startswith(f"{module}.") for other in every)
        package = filled or module in ("bench", "pages")
        file = path / "__init__.py" if package else path.with_suffix(".py")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(planted.pop(module, ""))
    assert not planted, f"no such module in the small house: {sorted(planted)}"


def sources(root: Path, *folders: str) -> list[Path]:
    """Every Python file below the folders of `root`, in order."""
    return sorted(path for folder in folders for path in (root / folder).rglob("*.py"))
