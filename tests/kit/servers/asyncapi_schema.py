"""AsyncAPI's own JSON Schema, as its makers publish it, fetched once into an ignored folder."""

import hashlib
import json
import shutil
import subprocess
import tarfile
from pathlib import Path
from typing import Any

from tests.kit.servers.process import UnavailableError
from tests.kit.servers.run import locked

PACKAGE = "@asyncapi/specs@6.11.1"
SHA512 = (
    "0375812ea00a1a8276fba15616da63065090d6814272ce06c45ef3b081af36aa"
    "7f9251941e3940dda01c67d5cc3292c613cccf7980f3db1f4598ee834ae2ab69"
)
FOLDER = Path(__file__).parents[3] / "node_modules" / ".asyncapi"
MEMBER = "package/schemas/3.1.0.json"
SECONDS = 90


def asyncapi_schema() -> dict[str, Any]:
    """The schema; UnavailableError where it is not there and cannot be fetched."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    kept = FOLDER / f"{SHA512[:16]}.json"
    with locked(FOLDER / "lock"):
        if not kept.exists():
            kept.write_bytes(_fetched())
    schema: dict[str, Any] = json.loads(kept.read_bytes())
    return schema


def _fetched() -> bytes:
    npm = shutil.which("npm")
    if npm is None:
        raise UnavailableError(f"no npm on the PATH to fetch {PACKAGE}")
    command = [npm, "pack", PACKAGE, "--pack-destination", str(FOLDER), "--json"]
    try:
        said = subprocess.run(
            command, cwd=FOLDER, capture_output=True, text=True, timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise UnavailableError(f"npm took longer than {SECONDS} s") from None
    if said.returncode:
        raise UnavailableError(f"npm said: {said.stderr[-300:].strip()}")
    packed = FOLDER / json.loads(said.stdout)[0]["filename"].replace("@", "").replace("/", "-")
    if hashlib.sha512(packed.read_bytes()).hexdigest() != SHA512:
        raise AssertionError(f"{PACKAGE} is not the one that was looked at")
    with tarfile.open(packed) as archive:
        member = archive.extractfile(MEMBER)
        assert member is not None
        return member.read()
