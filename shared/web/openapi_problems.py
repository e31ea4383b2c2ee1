"""Which problems each operation may answer, for its OpenAPI."""

from collections.abc import Iterable, Mapping
from typing import Any
from zlib import crc32

from shared.web.commands import CommandRoute
from shared.web.openness import Access
from shared.web.problem_kinds import KINDS

PROBLEM_SCHEMA: dict[str, Any] = {
    "title": "Problem",
    "description": "RFC 9457. `type` is also the address of a page about this kind of problem.",
    "type": "object",
    "required": ["type", "title", "status", "detail", "instance"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string", "format": "uri-reference"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "code", "message"],
                "properties": {
                    "pointer": {"type": "string"},
                    "code": {"type": "string"},
                    "message": {"type": "string"},
                },
            },
        },
        "missing": {"type": "array", "items": {"type": "string"}},
        "link": {"type": "string", "format": "uri-reference"},
        "wanted": {"type": "integer"},
        "applied": {"type": "integer"},
        "oldest": {"type": "integer"},
        "head": {"type": "integer"},
    },
}

ALWAYS = ("malformed", "invalid", "error", "broken", "unavailable")
CLOSED = (
    "token-missing",
    "token-malformed",
    "token-expired",
    "token-not-yet-valid",
    "token-wrong-audience",
    "token-wrong-issuer",
    "token-unknown-key",
    "token-bad-signature",
    "scope-missing",
    "organisation-not-allowed",
    "not-allowed",
)
BY_PARAMETER: Mapping[str, tuple[str, ...]] = {
    "open-door-after": ("series-rewound", "read-model-behind"),
    "page": ("page-token-damaged",),
    "case": ("not-found",),
    "last-event-id": ("resume-point-malformed", "series-gone", "series-rewound"),
    "after": ("resume-point-malformed", "series-gone", "series-rewound"),
}
COMMAND = (
    "bad-encoding",
    "bad-json",
    "duplicate-key",
    "nul-character",
    "lone-surrogate",
    "number-out-of-range",
    "too-deep",
    "idempotency-key-missing",
    "idempotency-key-malformed",
    "too-large",
    "unsupported-media-type",
    "refused",
    "incomplete",
    "not-now",
    "already-exists",
    "precondition-failed",
    "idempotency-key-reused",
    "contended",
)


def of_read(access: Access, parameters: Iterable[str]) -> set[str]:
    """Slugs that an operation may answer by what it takes and who may call it; one that is open
    by its permission, and no page, judges a token that comes all the same."""
    slugs = set(ALWAYS)
    if not access.open or access.permission:
        slugs.update(CLOSED)
    if "{" in access.path:
        slugs.add("not-found")
    for name in parameters:
        slugs.update(BY_PARAMETER.get(name, ()))
    return slugs


def of_command(route: CommandRoute) -> set[str]:
    """Slugs that a command's route may answer."""
    slugs = {*ALWAYS, *CLOSED, *COMMAND, "not-found"}
    return slugs | {"precondition-required"} if route.row.needs_match else slugs


class Responses:
    """OpenAPI responses of problems, each set written once among the document's components."""

    def __init__(self) -> None:
        self.components: dict[str, Any] = {}

    def of(self, slugs: Iterable[str]) -> dict[str, Any]:
        """References to the responses of these problems, by status."""
        by_status: dict[int, list[str]] = {}
        for slug in sorted(slugs):
            by_status.setdefault(KINDS[slug].status, []).append(slug)
        return {str(status): self._ref(status, kinds) for status, kinds in by_status.items()}

    def _ref(self, status: int, slugs: list[str]) -> dict[str, str]:
        name = f"Problem{status}-{crc32(' '.join(slugs).encode()):08x}"
        self.components[name] = _response(slugs)
        return {"$ref": f"#/components/responses/{name}"}


def _response(slugs: list[str]) -> dict[str, Any]:
    types = {"properties": {"type": {"enum": [f"/problems/{slug}" for slug in slugs]}}}
    schema = {"allOf": [{"$ref": "#/components/schemas/Problem"}, types]}
    return {
        "description": ". ".join(KINDS[slug].title for slug in slugs) + ".",
        "content": {"application/problem+json": {"schema": schema}},
    }
