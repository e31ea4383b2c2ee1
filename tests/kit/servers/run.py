"""One run of the tests: a folder that its workers share, and the lifeline of its servers."""

import errno
import fcntl
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Event

from tests.kit.servers.process import UnavailableError

RUN = "OPEN_DOOR_TEST_RUN"
UNSET = "not set"
LIFELINE = "lifeline"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What came of looking for a server: where it is, or, where none is, what each way said."""

    name: str
    address: str | None
    version: str
    how: str
    tried: tuple[str, ...] = ()

    def __str__(self) -> str:
        if self.address is None:
            return f"{self.name}: not met. " + " ".join(
                f"({n}) {said}." for n, said in enumerate(self.tried, 1)
            )
        failed = "; ".join(said for said in self.tried if not said.endswith(UNSET))
        aside = f" (after {failed})" if failed else ""
        return f"{self.name} {self.version}, by {self.how}{aside}"


Way = tuple[str, Callable[["Run"], tuple[str, str]]]
"""How a server can be had, and what does it: the run -> (address, version), or UnavailableError."""


@dataclass(frozen=True, slots=True)
class Run:
    """Every worker of one run sees the same folder; the controller made it and removes it."""

    folder: Path

    @property
    def lifeline(self) -> Path:
        return self.folder / LIFELINE

    def find(self, name: str, ways: tuple[Way, ...]) -> Found:
        """The first of `ways` that answers; looked for once a run, however many workers ask."""
        note = self.folder / f"{name}.json"
        with locked(self.folder / f"{name}.lock"):
            if not note.exists():
                note.write_text(json.dumps(asdict(_first(name, ways, self))))
        return _read(note)

    def found(self) -> list[Found]:
        """What was looked for so far."""
        return [_read(note) for note in sorted(self.folder.glob("*.json"))]

    def new_folder(self, name: str) -> Path:
        """An empty folder for a server, where another account may pass through."""
        return Path(tempfile.mkdtemp(prefix=f"{name}-", dir=self.folder))


def _first(name: str, ways: tuple[Way, ...], run: Run) -> Found:
    tried: list[str] = []
    for how, way in ways:
        try:
            address, version = way(run)
        except UnavailableError as no:
            tried.append(f"{how}: {no}")
        else:
            return Found(name=name, address=address, version=version, how=how, tried=tuple(tried))
    return Found(name=name, address=None, version="", how="", tried=tuple(tried))


def _read(note: Path) -> Found:
    fields = json.loads(note.read_text())
    return Found(**{**fields, "tried": tuple(fields["tried"])})


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Holds `path` for one process at a time; the kernel lets go of it when that process ends."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def clear_dead_runs() -> None:
    """Removes the folders of runs that were killed: nobody holds their lifelines."""
    for folder in Path(tempfile.gettempdir()).glob("open-door-test-*"):
        try:
            os.close(os.open(folder / LIFELINE, os.O_WRONLY | os.O_NONBLOCK))
        except OSError as no:
            if no.errno == errno.ENXIO:
                shutil.rmtree(folder, ignore_errors=True)


def current_run() -> Run:
    """The run that this process belongs to, as the controller told it."""
    return Run(Path(os.environ[RUN]))


@dataclass(slots=True)
class Controller:
    """The process that owns a run."""

    run: Run
    _lifeline: int

    @classmethod
    def begin(cls) -> "Controller":
        clear_dead_runs()
        new = Path(tempfile.mkdtemp(prefix="open-door-new-"))
        # Servers started by root run under another account, which must pass through.
        new.chmod(0o711)
        os.mkfifo(new / LIFELINE, 0o600)
        held = os.open(new / LIFELINE, os.O_RDWR)
        # It gets the name of a run only now that its lifeline is held.
        run = Run(new.rename(new.with_name(new.name.replace("-new-", "-test-"))))
        os.environ[RUN] = str(run.folder)
        return cls(run, held)

    def end(self, within: float = 20.0) -> None:
        """Drops the lifeline and waits until every guard has ended its server and its folder."""
        os.close(self._lifeline)
        os.environ.pop(RUN, None)
        deadline = time.monotonic() + within
        while self._has_servers() and time.monotonic() < deadline:
            Event().wait(0.02)
        shutil.rmtree(self.run.folder, ignore_errors=True)

    def _has_servers(self) -> bool:
        # Another run may take a folder without a held lifeline for a dead one's and remove it.
        with suppress(FileNotFoundError):
            return any(child.is_dir() for child in self.run.folder.iterdir())
        return False
