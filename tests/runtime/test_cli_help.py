"""What the command line says of itself: examples and statuses, plainly, quickly, completed."""

import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from pages.command_line import Verb, verbs
from shared.runtime.cli_help import shown
from tests.kit.processes import ROOT

VERBS = {one.words: one for one in verbs()}
SERVERS = ("up", "demo", "serve", "work")
"""They run until they are ended, and answer nothing."""
BIN = Path(sys.executable).parent
ESCAPE = "\x1b"
LIBRARIES = (
    "aiokafka",
    "alembic",
    "asyncpg",
    "cryptography",
    "fastapi",
    "httpx",
    "jinja2",
    "orjson",
    "pydantic",
    "rich",
    "sqlalchemy",
    "structlog",
    "uvicorn",
)


SHORTER = "let the first sentence of its docstring end within 60 characters"


def cut_off(help_: str) -> list[str]:
    """The verbs in a list whose sentence did not fit into its line."""
    listed = help_.partition("Commands:")[2]
    return [line.split()[0] for line in listed.splitlines() if line.endswith("...")]


def lacking(verb: Verb) -> list[str]:
    """What the help of a verb still needs, each with what to do about it."""
    if verb.group:
        return [f"`opendoor {verb.words} {one}`: {SHORTER}." for one in cut_off(verb.help)]
    example = rf"Example: opendoor {verb.words}( |\n)"
    wanted = {
        f"give it epilog=shown({verb.words + ' ...'!r})": re.search(example, verb.help),
        "say what its statuses mean: epilog=shown(example, done=..., failed=...)": re.search(
            r"Exit status:\n +0  \S.*\n +1  \S.*\n +2  \S", verb.help
        ),
        "say what it does in its docstring": re.match(r"Usage: .*\n\n  [A-Z]", verb.help),
        "give it `as_json: Json = False` and end it with _answer or _say": (
            verb.words in SERVERS or "--json" in verb.options
        ),
    }
    return [f"`opendoor {verb.words}`: {say}." for say, held in wanted.items() if not held]


@pytest.mark.parametrize("words", VERBS)
def test_every_verb_says_what_it_does_with_an_example_and_its_exit_statuses(words: str):
    assert lacking(VERBS[words]) == []


def test_the_list_of_verbs_cuts_no_sentence_off():
    assert cut_off(run("--help")) == [], SHORTER
    app = typer.Typer(rich_markup_mode=None)
    app.command("long", help=f"{'Very ' * 20}long.")(lambda: None)
    app.command("short", help="Short.")(lambda: None)
    group = typer.Typer(rich_markup_mode=None)
    group.add_typer(app, name="group")
    assert lacking(verbs(group)[0]) == [f"`opendoor group long`: {SHORTER}."]


def test_a_verb_that_says_nothing_of_itself_is_found():
    app = typer.Typer(rich_markup_mode=None)
    app.command("bare")(lambda: None)
    app.command("whole", epilog=shown("whole --json"))(_whole)
    bare, whole = verbs(app)
    assert len(lacking(bare)) == 4
    assert lacking(whole) == []


def _whole(as_json: bool = typer.Option(False, "--json")) -> None:
    """Does nothing."""


def run(*arguments: str, **more: str) -> str:
    ended = subprocess.run(
        [BIN / "opendoor", *arguments],
        cwd=ROOT,
        env={**os.environ, **more},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return ended.stdout


def test_the_version_is_said():
    assert re.fullmatch(r"opendoor \d+\.\d+\.\d+\n", run("--version"))


def test_help_waits_for_no_library():
    """Time depends on the machine; what is imported does not. Boxes alone would double it."""
    program = (
        "import sys; from services.__main__ import main; sys.argv = ['opendoor', *sys.argv[1:]]\n"
        "try:\n    main()\nexcept SystemExit as end:\n    assert not end.code\n"
        f"print([one for one in {LIBRARIES} if one in sys.modules])"
    )
    # typer itself reads a verb's types with pydantic; a list of verbs has none.
    for words, found in (("--help", "[]"), ("projections build --help", "['pydantic']")):
        ended = subprocess.run(
            [sys.executable, "-c", program, *words.split()],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
        assert ended.stdout.splitlines()[-1] == found, words


def test_help_is_plain_on_a_terminal_and_without_one():
    there = on_a_terminal([str(BIN / "opendoor"), "--help"], FORCE_COLOR="1")
    assert ESCAPE not in there
    assert there.replace("\r\n", "\n") == run("--help", FORCE_COLOR="1")


BAR = (
    "from shared.runtime.progress import progress_bar\n"
    "with progress_bar('Verifying intake') as show:\n"
    "    show(1, 2, 'position 1')\n"
    "    show(2, 2, 'position 2')\n"
)
COLOUR = re.compile(r"\x1b\[[0-9;]*3[0-9][0-9;]*m")


def test_a_bar_has_colours_where_they_are_wanted():
    command = [sys.executable, "-c", BAR]
    coloured = on_a_terminal(command, TERM="xterm-256color", NO_COLOR="")
    plain = on_a_terminal(command, TERM="xterm-256color", NO_COLOR="1")
    assert COLOUR.search(coloured)
    assert not COLOUR.search(plain)
    assert "100%" in plain


def on_a_terminal(command: list[str], **more: str) -> str:
    """What a program writes when its output is a terminal of 80 columns."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "COLUMNS": "80", **more}
    try:
        with subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=theirs, stderr=theirs, stdin=theirs
        ) as process:
            os.close(theirs)
            said = b"".join(iter(lambda: _read(ours), b""))
        assert process.returncode == 0, said
    finally:
        os.close(ours)
    return said.decode()


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 4096)
    except OSError:  # Linux says so when the other end was closed
        return b""


COMPLETED = {
    "opendoor dead-l": ["dead-letters"],
    "opendoor projections re": ["rebuild"],
    "opendoor serve a": ["assurance"],
}


def test_bash_completes_after_the_installation(tmp_path: Path):
    """As a person has it: installed once, then in each new shell."""
    asked = "".join(
        f"COMP_WORDS=({line}); COMP_CWORD={len(line.split()) - 1}\n"
        '_opendoor_completion opendoor; echo "${COMPREPLY[@]}"\n'
        for line in COMPLETED
    )
    home = {"HOME": str(tmp_path), "PATH": f"{BIN}:{os.environ['PATH']}"}
    said = bash("opendoor --install-completion && echo done", home)
    assert said.endswith("done\n")
    answers = bash(f'source "$HOME/.bashrc"\n{asked}', home).splitlines()
    assert [one.split() for one in answers] == list(COMPLETED.values())
    assert "complete -o default -F _opendoor_completion" in bash(
        "opendoor --show-completion && true", home
    )


def bash(script: str, home: dict[str, str]) -> str:
    """The shell is found among a process's parents: there must be one, and no other above it."""
    ended = subprocess.run(
        ["bash", "--norc", "-c", script],
        cwd=ROOT,
        env={**os.environ, **home},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return ended.stdout
