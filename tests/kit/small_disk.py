"""A folder that is a file system of its own and holds so much: a disk that a test can fill."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.kit.servers.plugin import unmet

BALLAST = "ballast"
CHUNKS = (1 << 20, 1 << 12, 1)
PATIENCE = 20.0

_MOUNT = 'mount -t tmpfs -o size="$1",mode=0777 none "$2" && echo "$$" && cat >/dev/null'
_WAYS: tuple[tuple[tuple[str, ...], str, str], ...] = (
    (("sh", "-c", f'{_MOUNT}; umount -l "$2"'), "", "mount"),
    (("unshare", "--user", "--map-root-user", "--mount", "sh", "-c", _MOUNT), "/proc/{}/root", ""),
)
"""As root, a mount that everybody sees; otherwise one that only a keeper has, who lets us pass. It
lasts until the keeper's standard input ends, which is with this process at the latest."""


@dataclass(frozen=True, slots=True)
class SmallDisk:
    """`path` is where its files lie."""

    path: Path

    def fill(self) -> None:
        """Leaves no byte free, until `make_room`."""
        with (self.path / BALLAST).open("ab", buffering=0) as ballast:
            for chunk in CHUNKS:
                with suppress(OSError):
                    while True:
                        ballast.write(bytes(chunk))

    def make_room(self) -> None:
        (self.path / BALLAST).unlink(missing_ok=True)

    @property
    def free(self) -> int:
        """Bytes."""
        found = os.statvfs(self.path)
        return found.f_bavail * found.f_frsize


@contextmanager
def small_disk(folder: Path, mebibytes: int) -> Iterator[SmallDisk]:
    """A disk of that size, gone with all that it holds when the block ends. A machine that allows
    none ends the test, loudly."""
    folder.mkdir(parents=True, exist_ok=True)
    said = []
    for command, seen_from, _ in _WAYS:
        keeper = subprocess.Popen(
            [*command, "small-disk", f"{mebibytes}m", str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert keeper.stdin
        assert keeper.stdout
        assert keeper.stderr
        with keeper:
            pid = keeper.stdout.readline().strip()
            if not pid:
                said.append(keeper.stderr.read().strip())
                continue
            try:
                yield SmallDisk(Path(f"{seen_from.format(pid)}{folder}"))
            finally:
                keeper.stdin.close()
                keeper.wait(PATIENCE)
            return
    unmet(f"No disk of a size can be had: {'; '.join(said)}")
