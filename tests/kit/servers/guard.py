"""A small program that runs one server and ends it when the test run that needs it is gone.

It reads a lifeline, a pipe whose other end the test run holds open. The kernel closes that end
however the run ends, kill -9 included; then the guard ends its server and removes the server's
folder. It signals no process but its own child.
"""

import argparse
import ctypes
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

PR_SET_PDEATHSIG = 1
GRACE = 10.0


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lifeline", required=True, help="a named pipe, or - for standard input")
    parser.add_argument("--folder", required=True, type=Path, help="the server's folder")
    parser.add_argument("--log", required=True, type=Path)
    parser.add_argument("--pid", required=True, type=Path, help="where to write the server's id")
    parser.add_argument("--end", required=True, type=int, help="the signal that ends the server")
    parser.add_argument("--account", type=int, nargs=2, help="user and group id to run as")
    parser.add_argument("command", nargs="+")
    return parser.parse_args()


def dies_with_the_guard(end: int) -> Callable[[], None] | None:
    """What the child asks of Linux before it starts: `end`, should the guard itself be killed."""
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None)

    def ask() -> None:
        libc.prctl(PR_SET_PDEATHSIG, end)

    return ask


def start(options: argparse.Namespace) -> subprocess.Popen[bytes]:
    account = {}
    if options.account:
        user, group = options.account
        account = {"user": user, "group": group, "extra_groups": []}
    with options.log.open("ab") as log:
        return subprocess.Popen(
            options.command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=options.folder,
            start_new_session=True,
            preexec_fn=dies_with_the_guard(options.end),
            **account,
        )


def wait_for_the_end_of(lifeline: str) -> None:
    """Returns once nobody holds the other end any more."""
    if lifeline == "-":
        pipe = sys.stdin.fileno()
    else:
        # Without O_NONBLOCK, opening would wait for ever for a run that has died meanwhile.
        pipe = os.open(lifeline, os.O_RDONLY | os.O_NONBLOCK)
        os.set_blocking(pipe, True)
    while os.read(pipe, 64):
        pass


def main() -> int:
    options = arguments()
    child = start(options)
    scratch = options.pid.with_suffix(".new")
    scratch.write_text(str(child.pid))
    scratch.replace(options.pid)
    over = threading.Event()

    def end() -> None:
        over.set()
        child.send_signal(options.end)
        try:
            child.wait(GRACE)
        except subprocess.TimeoutExpired:
            child.kill()

    def watch() -> None:
        with suppress(FileNotFoundError):
            wait_for_the_end_of(options.lifeline)
        end()

    signal.signal(signal.SIGTERM, lambda *_: end())
    threading.Thread(target=watch, daemon=True).start()
    code = child.wait()
    if over.is_set():
        shutil.rmtree(options.folder, ignore_errors=True)
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    sys.exit(main())
