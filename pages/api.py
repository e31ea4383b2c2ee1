"""docs/api.md: every route of each service, who may call it, and what it may answer."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from pages.served import Served
from pages.words import cell, sentences
from shared.security.grants import Grant
from shared.security.permissions import PERMISSIONS
from shared.security.roles import RELATIONS, ROLES
from shared.web.openapi_problems import ALWAYS, CLOSED, COMMAND
from shared.web.openness import Access
from shared.web.problem_kinds import KINDS

GROUPS: Mapping[str, tuple[str, ...]] = {"any": ALWAYS, "closed": CLOSED, "command": COMMAND}
"""Kinds of problem that belong together; what a route has beyond them is named with it."""

HEAD = """\
# Routes

Made from the code by `make docs`; the bodies, parameters and answers of each route stand in
[openapi/](openapi). Paths stand below `/<service>`. A route with a command is that command: the
class is the body. `any`, `closed` and `command` are the groups of problems at the end of the page.
"""
ROLES_HEAD = """\
## Who may call

A permission is a row of the tables in `shared/security`. It is granted to a role, which counts at
some kinds of organisation only, and mostly only for a thing to which the organisation is something.
What no row grants is denied; what may not be seen is answered as if it were not there.

| role | counts at |
| --- | --- |
"""
RELATIONS_HEAD = """
| relation | the organisation |
| --- | --- |
"""
PROBLEMS_HEAD = """\
## Problems

Every refusal is `application/problem+json`; its `type` is `/problems/<kind>`.

| group | status | kind | means |
| --- | --- | --- | --- |
"""


def page(services: Sequence[Served]) -> str:
    """The page."""
    parts = [HEAD, *(_service(one) for one in services), _roles(), _problems()]
    return "\n".join(parts)


def _service(served: Served) -> str:
    commands = {row.type.__name__: row for row in served.service.commands if row.route}
    lines = [
        f"## {served.service.name}",
        "",
        sentences(served.service.description),
        "",
        "| route | what | who may | answers | problems |",
        "| --- | --- | --- | --- | --- |",
        *(_row(served.openapi, access, commands) for access in _told(served)),
    ]
    return "\n".join([*lines, "", f"Without a schema: {_further(served)}.", ""])


def _further(served: Served) -> str:
    told = {(one.method, one.path) for one in _told(served)}
    further = {(one.method, one.path) for one in served.accesses} - told
    return ", ".join(f"`{method} {path}`" for method, path in sorted(further))


def _told(served: Served) -> Iterator[Access]:
    for access in served.accesses:
        if access.method.lower() in served.openapi["paths"].get(access.path, {}):
            yield access


def _row(openapi: dict[str, Any], access: Access, commands: Mapping[str, Any]) -> str:
    operation = openapi["paths"][access.path][access.method.lower()]
    command = "".join(word.title() for word in access.operation.split("_"))
    name = f"**{command}**" if command in commands else f"*{access.operation}*"
    done = [status for status in operation["responses"] if status < "300"]
    cells = (
        f"`{access.method} {access.path}`",
        f"{name}: {sentences(operation.get('description'))}",
        _who(access),
        ", ".join(done),
        _problems_of(openapi, operation),
    )
    return f"| {' | '.join(map(cell, cells))} |"


def _who(access: Access) -> str:
    if access.permission is None:
        return "anybody, without a token"
    grants = PERMISSIONS[access.permission]
    return f"`{access.permission}`: {'; '.join(_grant(one) for one in grants)}"


def _grant(grant: Grant) -> str:
    who = "anybody, without a token" if grant.role is None else grant.role
    kinds = f" (at {', '.join(sorted(grant.kinds))})" if grant.kinds else ""
    relations = f" being {' or '.join(sorted(grant.relations))}" if grant.relations else ""
    return who + kinds + relations


def _problems_of(openapi: dict[str, Any], operation: dict[str, Any]) -> str:
    slugs = set(_slugs(openapi, operation))
    groups = [name for name, members in GROUPS.items() if slugs.issuperset(members)]
    rest = slugs - {slug for name in groups for slug in GROUPS[name]}
    return ", ".join([*groups, *(f"`{slug}`" for slug in sorted(rest))])


def _slugs(openapi: dict[str, Any], operation: dict[str, Any]) -> Iterator[str]:
    for answer in operation["responses"].values():
        if "$ref" in answer:
            name = answer["$ref"].rsplit("/", 1)[-1]
            held = openapi["components"]["responses"][name]["content"]["application/problem+json"]
            yield from (
                one.removeprefix("/problems/")
                for one in held["schema"]["allOf"][1]["properties"]["type"]["enum"]
            )


def _roles() -> str:
    roles = [f"| {name} | {', '.join(sorted(kinds))} |" for name, kinds in ROLES.items()]
    relations = [f"| {name} | {meaning} |" for name, meaning in RELATIONS.items()]
    return ROLES_HEAD + _lines(roles) + RELATIONS_HEAD + _lines(relations)


def _problems() -> str:
    by_slug = {slug: name for name, slugs in GROUPS.items() for slug in slugs}
    order = [*GROUPS, ""]
    told = sorted(KINDS, key=lambda slug: (order.index(by_slug.get(slug, "")), KINDS[slug].status))
    return PROBLEMS_HEAD + _lines(
        f"| {by_slug.get(slug, '-')} | {KINDS[slug].status} | `{slug}` | "
        f"{cell(KINDS[slug].title)}. {cell(KINDS[slug].meaning)} |"
        for slug in told
    )


def _lines(rows: Iterable[str]) -> str:
    return "".join(f"{row}\n" for row in rows)
