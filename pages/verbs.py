"""docs/verbs.md: what each verb of the command line says of itself."""

from collections.abc import Iterable

from pages.command_line import Verb

HEAD = """\
# Verbs

Made from `opendoor --help` by `make docs`. [running.md](running.md) says when which is needed.

Tools are run where the settings of a service are. `--json` answers in JSON, for programs. Output
is plain where there is no terminal, and without colours where `NO_COLOR` is set.
`opendoor --install-completion` teaches the shell at hand to complete verbs and services.
"""


def page(verbs: Iterable[Verb]) -> str:
    """The page."""
    return "\n".join([HEAD, *(_verb(one) for one in verbs if not one.group)])


def _verb(verb: Verb) -> str:
    lines = "\n".join(line.rstrip() for line in verb.help.strip().splitlines())
    return f"## opendoor {verb.words}\n\n```\n{lines}\n```\n"
