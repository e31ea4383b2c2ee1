"""A package of npm, fetched once into an ignored folder, and no other than the one looked at."""

import hashlib
import json
import shutil
import subprocess
from pathlib import Path

from tests.kit.servers.process import UnavailableError
from tests.kit.servers.run import locked

FOLDER = Path(__file__).parents[3] / "node_modules" / ".packed"
SECONDS = 90


def packed(package: str, sha512: str) -> Path:
    """The archive of `name@version`. Raises UnavailableError where it is not there and cannot be
    fetched, AssertionError where its digest is another."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    kept = FOLDER / f"{sha512[:16]}.tgz"
    with locked(FOLDER / "lock"):
        if not kept.exists():
            fetched = _fetched(package)
            found = hashlib.sha512(fetched.read_bytes()).hexdigest()
            assert found == sha512, f"{package} is not the one that was looked at"
            fetched.replace(kept)
    return kept


def _fetched(package: str) -> Path:
    npm = shutil.which("npm")
    if npm is None:
        raise UnavailableError(f"no npm on the PATH to fetch {package}")
    command = [npm, "pack", package, "--pack-destination", str(FOLDER), "--json"]
    try:
        said = subprocess.run(
            command, cwd=FOLDER, capture_output=True, text=True, timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise UnavailableError(f"npm took longer than {SECONDS} s") from None
    if said.returncode:
        raise UnavailableError(f"npm said: {said.stderr[-300:].strip()}")
    name: str = json.loads(said.stdout)[0]["filename"]
    return FOLDER / name.replace("@", "").replace("/", "-")
