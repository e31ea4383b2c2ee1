"""OpenAPI 3.1 as it is: bodies from commands, every status with its problems, who may call."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import TypeAdapter

from shared.security.evidence import Receipt
from shared.web.asked import Serving
from shared.web.auth import ORGANISATION
from shared.web.commands import CommandRoute
from shared.web.openapi_links import add_links
from shared.web.openapi_problems import PROBLEM_SCHEMA, Responses, of_command, of_read
from shared.web.openness import Access, accesses

Schema = dict[str, Any]
REF = "#/components/schemas/{model}"
FRAMEWORK_SCHEMAS = ("HTTPValidationError", "ValidationError")
"""What FastAPI says of faults, and we answer otherwise."""

DONE_SCHEMA: Schema = {
    "title": "Done",
    "type": "object",
    "description": "What was recorded, durably.",
    "required": ["id", "version", "position", "links"],
    "properties": {
        "id": {"type": "string"},
        "version": {"type": "integer", "description": "The thing's version after it."},
        "position": {"type": "integer", "description": "For `Open-Door-After`."},
        "links": {
            "type": "object",
            "required": ["self"],
            "properties": {"self": {"type": "string", "format": "uri-reference"}},
        },
    },
}
RECEIPT_SCHEMA: Schema = {
    "title": "Receipt",
    "type": "object",
    "description": "Signed with the key that `/keys` lists under this id: `hash` is the log's "
    "chain at `position`; `digest` the SHA-256 of the salt's characters and the bytes sent.",
    "required": [one.name for one in fields(Receipt)],
    "properties": {
        one.name: {"type": "integer" if one.name == "position" else "string"}
        for one in fields(Receipt)
    },
}
SALT_SCHEMA: Schema = {"type": "string", "description": "Keep it with what was sent."}
FILED_SCHEMA: Schema = {
    "title": "Filed",
    "description": "What was recorded, durably, with a receipt to keep; without one where it was "
    "filed before receipts were given.",
    "allOf": [{"$ref": "#/components/schemas/Done"}],
    "properties": {
        "receipt": {"$ref": "#/components/schemas/Receipt"},
        "receipt_salt": SALT_SCHEMA,
    },
}
DONE_HEADERS: Schema = {
    name: {"description": text, "schema": {"type": "string"}}
    for name, text in (
        ("ETag", 'The version as an entity tag, `W/"3"`.'),
        ("Location", "Where the thing is read."),
        ("Open-Door-Position", "The log position, for `Open-Door-After`."),
    )
}
SUCCESSES: Mapping[int, str] = {
    200: "Nothing changed: it was so already.",
    201: "Made, and recorded.",
    202: "Recorded.",
}


def _header(name: str, description: str, pattern: str, required: bool = False) -> Schema:
    return {
        "name": name,
        "in": "header",
        "required": required,
        "description": description,
        "schema": {"type": "string", "pattern": pattern},
    }


SENDABLE = "^[!-~]{1,128}$"
IDS = (
    _header("X-Request-ID", "Mirrored; a UUID here serves as the request key.", SENDABLE),
    _header(
        "X-Correlation-ID", "Mirrored, and `correlationid` of every event that follows.", SENDABLE
    ),
)
ACTING_FOR = _header(
    ORGANISATION, "The acting organisation; needed where the token has several.", "^[A-Z0-9]{2,12}$"
)
KEY = _header(
    "Idempotency-Key",
    "A quoted text, the same on every repeat of this request.",
    '^"[ !#-\\[\\]-~]{1,128}"$',
)


def _if_match(required: bool) -> Schema:
    return _header(
        "If-Match",
        "The ETag that was read, so that no change of another is lost.",
        '^(W/)?"[0-9]{1,18}"$',
        required,
    )


def describe(
    app: FastAPI, service: Serving, commands: Sequence[CommandRoute], version: str
) -> None:
    """Gives `app` its OpenAPI, made at first asking and the same however it is mounted."""
    made: list[Schema] = []

    def openapi() -> Schema:
        if not made:
            made.append(_document(app, service, commands, version))
        return made[0]

    app.openapi = openapi  # type: ignore[method-assign]  # as FastAPI documents it


def _document(
    app: FastAPI, service: Serving, commands: Sequence[CommandRoute], version: str
) -> Schema:
    document = get_openapi(
        title=service.title,
        version=version,
        openapi_version="3.1.0",
        description=service.description,
        routes=app.routes,
        servers=[{"url": f"/{service.name}"}],
    )
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    for name in FRAMEWORK_SCHEMAS:
        schemas.pop(name, None)
    schemas.update({"Problem": PROBLEM_SCHEMA, "Done": DONE_SCHEMA})
    if any(route.row.receipt for route in commands):
        schemas.update({"Receipt": RECEIPT_SCHEMA, "Filed": FILED_SCHEMA})
    document["components"]["securitySchemes"] = {
        "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
    }
    bodies = _bodies(commands, schemas)
    by_operation = {route.operation: route for route in commands}
    problems = Responses()
    operations = list(_operations(app, document))
    for access, operation in operations:
        route = by_operation.get(access.operation)
        if route is not None:
            _describe_command(route, operation, bodies[route.operation])
        _mend(access, operation)
        slugs = of_command(route) if route else of_read(access, _names(operation))
        operation["responses"].update(problems.of(slugs))
        operation["responses"] = dict(sorted(operation["responses"].items()))
    add_links(document, operations)
    document["components"]["responses"] = dict(sorted(problems.components.items()))
    document["components"]["schemas"] = dict(sorted(schemas.items()))
    return document


def _operations(app: FastAPI, document: Schema) -> Iterator[tuple[Access, Schema]]:
    for access in accesses(app.routes):
        operation = document.get("paths", {}).get(access.path, {}).get(access.method.lower())
        if operation is not None:
            yield access, operation


def _mend(access: Access, operation: Schema) -> None:
    """Every operation takes the ids, and a closed one needs a token."""
    closed = () if access.open else (ACTING_FOR,)
    operation["parameters"] = [*operation.get("parameters", ()), *closed, *IDS]
    operation["security"] = [] if access.open else [{"bearer": []}]
    if access.permission:
        operation["x-permission"] = access.permission
    operation["responses"].pop("422", None)


def _names(operation: Schema) -> set[str]:
    return {one["name"].lower() for one in operation["parameters"]}


def _describe_command(route: CommandRoute, operation: Schema, body: Schema) -> None:
    operation["parameters"] = [
        *operation.get("parameters", ()),
        KEY,
        _if_match(route.row.needs_match),
    ]
    operation["requestBody"] = {
        "required": bool(body["schema"].pop("x-needed", True)),
        "content": {"application/json": {"schema": body["schema"]}},
    }
    schema = {"$ref": REF.format(model="Filed" if route.row.receipt else "Done")}
    for status in sorted({200, route.row.status}):
        operation["responses"][str(status)] = {
            "description": SUCCESSES.get(status, "Recorded."),
            "headers": DONE_HEADERS,
            "content": {"application/json": {"schema": schema}},
        }


def _bodies(commands: Sequence[CommandRoute], schemas: Schema) -> dict[str, Schema]:
    """The schema of each command's body; its parts join the document's components. A field that
    the path gives is no part of the body."""
    inputs = [(route.operation, "validation", route.adapter) for route in commands]
    made, definitions = TypeAdapter.json_schemas(inputs, ref_template=REF)  # type: ignore[arg-type]  # modes are literals
    parts = definitions.get("$defs", {})
    bodies: dict[str, Schema] = {}
    for route in commands:
        schema = dict(made[(route.operation, "validation")])
        if "$ref" in schema:
            schema = dict(parts[schema["$ref"].rsplit("/", 1)[-1]])
        bodies[route.operation] = {"schema": _without(schema, route.filled)}
    schemas.update({name: part for name, part in parts.items() if name not in schemas})
    return bodies


def _without(schema: Schema, filled: Mapping[str, Any]) -> Schema:
    properties = {
        name: one for name, one in schema.get("properties", {}).items() if name not in filled
    }
    required = [name for name in schema.get("required", ()) if name not in filled]
    rest = {name: one for name, one in schema.items() if name not in ("properties", "required")}
    more = {"required": required} if required else {}
    return {**rest, "properties": properties, **more, "x-needed": bool(required)}
