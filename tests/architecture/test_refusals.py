"""A refusal is a sentence that a person can act on: it begins and ends like one."""

import ast
from collections.abc import Iterator

from tests.architecture.tree import ROOT, sources

REFUSALS = {"Invalid": 2, "NotNow": 0, "NotFound": 0, "NotAllowed": 0, "AlreadyExists": 0}
"""Each refusal of the kernel that takes a message, and the place of it among the arguments."""


def broken_sentences(text: str) -> Iterator[str]:
    """Messages written where a refusal is made that do not begin or end like a sentence."""
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            continue
        place = REFUSALS.get(node.func.id, len(node.args))
        if len(node.args) <= place:
            continue
        said = _outer(node.args[place])
        if said is not None and not (_begins(said[0]) and said[-1].endswith((".", "?", "}"))):
            yield "".join(said)


def _outer(message: ast.expr) -> list[str] | None:
    """A message as written, `{}` for what is put in; None where it is made elsewhere."""
    if isinstance(message, ast.Constant):
        return [str(message.value)]
    if not isinstance(message, ast.JoinedStr):
        return None
    return [str(one.value) if isinstance(one, ast.Constant) else "{}" for one in message.values]


def _begins(first: str) -> bool:
    return first.startswith("{") or first[:1].isupper() or first[:1] == "`"


def test_every_refusal_is_a_sentence() -> None:
    found = {
        str(path.relative_to(ROOT)): list(broken_sentences(path.read_text()))
        for path in sources(ROOT, "services", "shared")
    }
    assert {path: said for path, said in found.items() if said} == {}


def test_a_planted_half_sentence_is_found() -> None:
    whole = 'raise Invalid("/a", "b", "Use one of: x.")\nraise NotNow(f"{held.title} is over.")\n'
    assert list(broken_sentences(whole)) == []
    half = 'raise Invalid("/a", "b", f"one of {x}")\nraise NotNow("Too late")\n'
    assert list(broken_sentences(half)) == ["one of {}", "Too late"]
