"""JSON answers from plain values, dataclasses among them."""

from collections.abc import Mapping
from typing import Any

import orjson
from fastapi import Response

JSON = "application/json"


def dumps(body: Any) -> bytes:
    """JSON with times in UTC and `Z` (H1); sets become sorted lists."""
    return orjson.dumps(body, default=_plain, option=orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS)


def _plain(one: object) -> object:
    if isinstance(one, set | frozenset):
        return sorted(one)
    if isinstance(one, Mapping):
        return dict(one)
    raise TypeError(f"{type(one).__name__} does not belong in an answer")


def answer(
    body: Any, status: int = 200, headers: Mapping[str, str] | None = None, media: str = JSON
) -> Response:
    """A JSON answer as a Response."""
    return Response(dumps(body), status, headers, media)
