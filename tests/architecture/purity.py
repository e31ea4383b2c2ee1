"""What the domain and the publishers may not do, read from the syntax tree."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

IMPURE_MODULES = frozenset(
    """
    asyncio builtins concurrent ctypes fcntl ftplib glob http importlib io inspect logging mmap
    multiprocessing os pathlib pickle pwd queue random resource sched secrets select selectors
    shelve shutil signal site smtplib socket socketserver sqlite3 ssl subprocess sys sysconfig
    syslog tempfile threading time timeit tracemalloc urllib uuid warnings weakref webbrowser xmlrpc
    """.split()
)
IMPURE_CALLS = frozenset("breakpoint compile eval exec globals input open print __import__".split())
CLOCK_WORDS = frozenset("now today utcnow".split())
CLOCK_NAMES = frozenset("SystemClock SettableClock".split())
SHARED_ALLOWED = ("shared.kernel", "shared.nhs")
PUBLISHER_ALLOWED = (*SHARED_ALLOWED, "shared.contracts")


def subjects(root: Path) -> list[Path]:
    """Every file that must be pure: the domains, and the publishers beside them."""
    services = root / "services"
    return sorted([*services.glob("*/domain/**/*.py"), *services.glob("*/publisher*.py")])


def impurities(root: Path) -> list[str]:
    """`file: what it does`, for every file that must be pure and is not."""
    found = []
    for path in subjects(root):
        tree = ast.parse(path.read_text())
        found += [
            f"{path.relative_to(root)}: {said}" for said in faults(tree, _allowed(root, path))
        ]
    return found


def faults(tree: ast.Module, allowed: tuple[str, ...]) -> Iterator[str]:
    """What in one module is impure, given the packages of ours that it may import."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from _imports([name.name for name in names], allowed)
            case ast.ImportFrom(module=module, names=names, level=level):
                yield from _imports([module or ""] if not level else [], allowed)
                yield from (f"takes {n.name}" for n in names if n.name in CLOCK_NAMES)
            case ast.Await() | ast.AsyncFor() | ast.AsyncWith() | ast.AsyncFunctionDef():
                yield "waits"
            case ast.Global():
                yield f"changes the global {', '.join(node.names)}"
            case ast.Call(func=ast.Name(id=name)) if name in IMPURE_CALLS:
                yield f"calls {name}()"
            case ast.Call(func=ast.Attribute(attr=attr)) if attr in CLOCK_WORDS:
                yield f"reads a clock: .{attr}()"
            case ast.Attribute(value=ast.Name(id="date" | "datetime"), attr=attr) if (
                attr in CLOCK_WORDS
            ):
                yield f"reads a clock: {attr}"


def _allowed(root: Path, path: Path) -> tuple[str, ...]:
    service = path.relative_to(root).parts[1]
    base = PUBLISHER_ALLOWED if path.stem.startswith("publisher") else SHARED_ALLOWED
    return (*base, f"services.{service}.domain", f"services.{service}.publisher")


def _imports(modules: list[str], allowed: tuple[str, ...]) -> Iterator[str]:
    for module in modules:
        top = module.split(".")[0]
        if top in sys.stdlib_module_names and top not in IMPURE_MODULES:
            continue
        if not any(module == name or module.startswith(f"{name}.") for name in allowed):
            yield f"imports {module}"
