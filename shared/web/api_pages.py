"""The pages of the API itself: Swagger UI from the wheel, under a policy without other hosts."""

from html import escape
from importlib.resources import files
from typing import Any

from fastapi import APIRouter, FastAPI, Response
from fastapi.responses import JSONResponse
from starlette.staticfiles import StaticFiles

from shared.contracts.asyncapi import document
from shared.contracts.base import json_schema
from shared.contracts.registry import REGISTRY
from shared.web.answers import answer
from shared.web.headers import CONTENT_POLICY
from shared.web.openness import ANYONE
from shared.web.problems import not_found

SCHEMA = "application/schema+json"
KEPT = "public, max-age=3600"
DOCS_POLICY = f"{CONTENT_POLICY}; style-src 'self' 'unsafe-inline'; img-src 'self' data:"
"""Swagger UI sets styles on elements and draws its icons from data addresses; it runs no script
that is not a file of ours."""

_START = """\
window.addEventListener("load", () => {
  const root = document.querySelector("#docs");
  SwaggerUIBundle({
    url: root.dataset.openapi,
    domNode: root,
    deepLinking: true,
    validatorUrl: null,
    presets: [SwaggerUIBundle.presets.apis],
  });
});
"""


def add_docs(app: FastAPI) -> None:
    """`/docs` with its files; everything is served from here (T5)."""
    assets = files("fastapi_offline").joinpath("static")
    router = APIRouter(dependencies=[ANYONE], include_in_schema=False)

    @router.get("/docs")
    async def docs() -> Response:
        headers = {"Content-Security-Policy": DOCS_POLICY}
        return Response(_docs(app.title), headers=headers, media_type="text/html")

    @router.get("/docs/start.js")
    async def start() -> Response:
        return Response(_START, media_type="text/javascript")

    app.include_router(router)
    app.mount("/docs/files", StaticFiles(directory=str(assets)), name="docs-files")


def _docs(title: str) -> str:
    return (
        '<!doctype html><html lang="en-GB"><head><meta charset="utf-8">'
        f"<title>{escape(title)}: the API</title>"
        '<link rel="stylesheet" href="docs/files/swagger-ui.css">'
        '<link rel="icon" href="data:,">'
        '</head><body><div id="docs" data-openapi="openapi.json"></div>'
        '<script src="docs/files/swagger-ui-bundle.js"></script>'
        '<script src="docs/start.js"></script></body></html>'
    )


class SchemaPage(JSONResponse):
    """Says to OpenAPI in which kind a JSON Schema is answered."""

    media_type = SCHEMA


def schema_pages(service: str, version: str) -> APIRouter:
    """`/schemas/{type}`, the JSON Schema of each contract that the service tells, and
    `/asyncapi.json`, all of them with their topics (E19)."""
    router = APIRouter(tags=["contracts"])

    @router.get("/asyncapi.json", dependencies=[ANYONE], response_model=dict[str, Any])
    async def read_asyncapi() -> Response:
        """What this service tells on which topic, as AsyncAPI 3.1.0."""
        return answer(document(version, service), headers={"Cache-Control": KEPT})

    @router.get("/schemas", dependencies=[ANYONE], response_model=dict[str, Any])
    async def list_schemas() -> Response:
        """The contracts that this service tells, by type."""
        told = sorted(type_ for type_, spec in REGISTRY.items() if spec.service == service)
        return answer({"items": [{"type": one, "link": f"schemas/{one}"} for one in told]})

    @router.get(
        "/schemas/{type}",
        dependencies=[ANYONE],
        response_class=SchemaPage,
        response_model=dict[str, Any],
    )
    async def read_schema(type: str) -> Response:
        """The JSON Schema of one contract's data."""
        spec = REGISTRY.get(type)
        if spec is None or spec.service != service:
            raise not_found()
        return answer(json_schema(spec), headers={"Cache-Control": KEPT}, media=SCHEMA)

    return router
