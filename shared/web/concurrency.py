"""Versions as entity tags: said, compared, required (H7)."""

import re
from collections.abc import Mapping
from typing import Any

from fastapi import Request, Response

from shared.kernel.errors import Malformed, PreconditionMissing
from shared.web.answers import answer

_TAG = re.compile(r'(?:W/)?"([\x21\x23-\x7e]*)"\Z')
_NUMBER = re.compile(r"\d{1,18}\Z", re.ASCII)
NO_VERSION = -1
"""A well-formed tag that is none of ours: it equals no version."""


def etag(version: int) -> str:
    """The tag of a version: weak, as answers may differ in bytes and mean the same."""
    return f'W/"{version}"'


def expected_version(header: str | None, *, needed: bool) -> int | None:
    """The version that If-Match names; `W/"3"` and `"3"` count alike.

    Raises PreconditionMissing where one is `needed` and the header is missing or `*`, Malformed
    for what is no entity tag.
    """
    text = (header or "").strip()
    if text in ("", "*"):
        if needed:
            raise PreconditionMissing(
                'Send If-Match with the ETag that you read, such as W/"3", so that no change of '
                "another is lost."
            )
        return None
    tag = _TAG.match(text)
    if tag is None:
        raise Malformed('If-Match holds one entity tag, such as W/"3".')
    return int(tag[1]) if _NUMBER.match(tag[1]) else NO_VERSION


def unchanged(request: Request, tag: str) -> bool:
    """Whether If-None-Match names `tag`, or anything (`*`); weakly compared."""
    held = request.headers.get("if-none-match", "")
    names = {one.strip().removeprefix("W/") for one in held.split(",")}
    return "*" in names or tag.removeprefix("W/") in names


def versioned(
    request: Request, version: int, body: Any, headers: Mapping[str, str] | None = None
) -> Response:
    """The body with its ETag, or 304 where the caller holds this version."""
    tag = etag(version)
    more = {"ETag": tag, **(headers or {})}
    if unchanged(request, tag):
        return Response(status_code=304, headers=more)
    return answer(body, 200, more)
