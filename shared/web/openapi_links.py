"""Links of OpenAPI: which operations take the id that an answer names, so that clients walk on."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shared.web.openness import Access

Schema = dict[str, Any]
Operations = Sequence[tuple[Access, Schema]]

REF = "#/components/links/{name}"
SUCCESSES = frozenset({"200", "201", "202"})
MATCH = "If-Match"
_THING = re.compile(r"/([\w-]+)/\{(\w+)\}")
_LIST = re.compile(r"/([\w-]+)\Z")
_OWN_NAME = frozenset({"suggestion", "lesson", "provider", "former", "type"})
"""Things whose lists show their id under their own name; elsewhere it is `id`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Taker:
    """An operation on one thing; `matches` where it needs the ETag that was read."""

    operation: str
    holder: str
    matches: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Source:
    """An operation whose answer leads on to a thing of the `first` word of its path: how (a word),
    where its id stands (a runtime expression; `{holder}` is the thing), and whether the answer has
    the thing's ETag."""

    first: str
    how: str
    id: str
    tagged: bool


def add_links(document: Schema, operations: Operations) -> None:
    """Gives each success that leads on its links, each link being written once among the
    components; responses must be described already."""
    takers = _takers(operations)
    components: Schema = {}
    for access, operation in operations:
        source = _source(access, operation)
        links = dict(_links(source, takers.get(source.first, ()), components)) if source else {}
        for status in SUCCESSES & operation["responses"].keys() if links else ():
            operation["responses"][status]["links"] = links
    if components:
        document["components"]["links"] = dict(sorted(components.items()))


def _takers(operations: Operations) -> Mapping[str, list[_Taker]]:
    found: dict[str, list[_Taker]] = {}
    for access, operation in operations:
        if thing := _THING.match(access.path):
            taker = _Taker(
                operation=access.operation, holder=thing[2], matches=_needs_match(operation)
            )
            found.setdefault(thing[1], []).append(taker)
    return found


def _needs_match(operation: Schema) -> bool:
    return any(one["name"] == MATCH and one["required"] for one in operation["parameters"])


def _source(access: Access, operation: Schema) -> _Source | None:
    """What an operation's success leads on to: the thing that it made, the first of a list, or
    the thing that it was asked about. A part of a thing, such as its timeline, leads nowhere."""
    listed, thing = _LIST.match(access.path), _THING.match(access.path)
    if listed and "201" in operation["responses"]:
        return _Source(first=listed[1], how="made", id="$response.body#/id", tagged=True)
    if listed and access.method == "GET":
        id_ = "$response.body#/items/0/{key}"
        return _Source(first=listed[1], how="listed", id=id_, tagged=False)
    if thing and (access.method != "GET" or thing.end() == len(access.path)):
        return _Source(first=thing[1], how="known", id="$request.path.{holder}", tagged=True)
    return None


def _links(
    source: _Source, takers: Sequence[_Taker], components: Schema
) -> Iterator[tuple[str, Schema]]:
    for one in takers:
        name = f"{one.operation}.{source.how}"
        key = one.holder if one.holder in _OWN_NAME else "id"
        parameters = {one.holder: source.id.format(holder=one.holder, key=key)}
        if one.matches and source.tagged:
            parameters[f"header.{MATCH}"] = "$response.header.ETag"
        components[name] = {"operationId": one.operation, "parameters": parameters}
        yield one.operation, {"$ref": REF.format(name=name)}
