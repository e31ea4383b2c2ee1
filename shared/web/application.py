"""One service's web application, put together in one place."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, FastAPI

from shared.web.api_pages import add_docs, schema_pages
from shared.web.asked import Handler
from shared.web.commands import mount
from shared.web.context import Web
from shared.web.correlation import Correlation
from shared.web.headers import SafeHeaders
from shared.web.idempotency import Fingerprints
from shared.web.measured import Measure, Measured
from shared.web.openapi import describe
from shared.web.pages_of_problems import problem_pages
from shared.web.problems import LastResort, Renderer, install
from shared.web.traced import Traced


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What an application is put together from, beside its `Web`.

    `handler` carries commands out; `secret` binds request keys to their payload; `routers` are
    the service's own, made already; `health` answers the probes; `measure` counts requests;
    `problem_forms` writes problems otherwise by the prefix of the path (FHIR).
    """

    handler: Handler
    secret: bytes
    version: str
    routers: Sequence[APIRouter]
    health: APIRouter
    measure: Measure
    problem_forms: Mapping[str, Renderer] | None = None
    lifespan: Any = None


def application(web: Web, parts: Parts) -> FastAPI:
    """The application: paths stand without the prefix under which it is always mounted."""
    app = FastAPI(
        title=web.service.title,
        description=web.service.description,
        version=parts.version,
        docs_url=None,
        redoc_url=None,
        root_path_in_servers=False,
        # Starlette's redirect would lead to whatever host the request named.
        redirect_slashes=False,
        # FastAPI's own log of a validation failure would hold what a patient said (T2), and its
        # spans each path and query as they were typed: ours are made by Traced.
        telemetry={"logs": False, "tracing": False},
        generate_unique_id_function=lambda route: route.name,
        lifespan=parts.lifespan,
    )
    install(app, parts.problem_forms)
    commands = mount(
        app,
        web.service,
        parts.handler,
        guard=web.guard,
        fingerprints=Fingerprints(parts.secret),
    )
    own = (schema_pages(web.service.name, parts.version), problem_pages(), parts.health)
    for router in (*parts.routers, *own):
        app.include_router(router)
    add_docs(app)
    describe(app, web.service, commands, parts.version)
    # The last added is the outermost.
    app.add_middleware(LastResort)
    app.add_middleware(SafeHeaders)
    app.add_middleware(Measured, measure=parts.measure)
    app.add_middleware(Traced, service=web.service.name)
    app.add_middleware(Correlation)
    return app
