"""The page behind each problem's `type`."""

from html import escape

from fastapi import APIRouter, Request, Response

from shared.web.answers import answer
from shared.web.openness import ANYONE
from shared.web.problem_kinds import KINDS, Kind
from shared.web.problems import not_found

KEPT = {"Cache-Control": "public, max-age=3600"}


def problem_pages() -> APIRouter:
    """`/problems/{slug}` and the list of all, as HTML or (by Accept) JSON."""
    router = APIRouter(dependencies=[ANYONE], include_in_schema=False)

    @router.get("/problems")
    async def problems(request: Request) -> Response:
        if _wants_json(request):
            return answer([_plain(slug, kind) for slug, kind in KINDS.items()], headers=KEPT)
        rows = "".join(
            f'<li><a href="problems/{slug}">{escape(kind.title)}</a> ({kind.status})</li>'
            for slug, kind in KINDS.items()
        )
        return _page("Problems", f"<ul>{rows}</ul>")

    @router.get("/problems/{slug}")
    async def problem(slug: str, request: Request) -> Response:
        kind = KINDS.get(slug)
        if kind is None:
            raise not_found()
        if _wants_json(request):
            return answer(_plain(slug, kind), headers=KEPT)
        return _page(
            kind.title, f"<p>Status {kind.status}, <code>{slug}</code></p><p>{_text(kind)}</p>"
        )

    return router


def _wants_json(request: Request) -> bool:
    accepted = request.headers.get("accept", "")
    return "json" in accepted and "text/html" not in accepted


def _plain(slug: str, kind: Kind) -> dict[str, str | int]:
    return {
        "type": f"/problems/{slug}",
        "title": kind.title,
        "status": kind.status,
        "meaning": kind.meaning,
    }


def _text(kind: Kind) -> str:
    return escape(kind.meaning)


def _page(title: str, body: str) -> Response:
    html = (
        '<!doctype html><html lang="en-GB"><head><meta charset="utf-8">'
        f"<title>{escape(title)} - Open Door</title></head>"
        f"<body><main><h1>{escape(title)}</h1>{body}</main></body></html>"
    )
    return Response(html, headers=KEPT, media_type="text/html")
