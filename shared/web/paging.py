"""Pages of a list: opaque tokens that nobody can write but us, and the link to the next (H12)."""

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any
from urllib.parse import urlencode

import orjson
from fastapi import Depends, Query, Request, Response

from shared.kernel.errors import Malformed
from shared.kernel.ids import length_prefixed
from shared.web.answers import answer

LIMIT = 100
DEFAULT_LIMIT = 50
_SEAL = 12
"""Bytes of the HMAC that a token keeps: enough that nobody hits one by trying."""

Cursor = tuple[str | int | None, ...]
"""What a query orders by, as it stands in the last row shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The page asked for: rows behind `after` (None: from the start), at most `limit` of them.

    A query fetches one row more than `limit`; that one says whether there is a next page.
    """

    after: Cursor | None
    limit: int
    _path: str = ""
    _query: Sequence[tuple[str, str]] = ()
    _token: Callable[[Cursor], str] = field(default=lambda cursor: "")

    def reply(self, rows: Sequence[Any], cursor: Callable[[Any], Cursor], **more: Any) -> Response:
        """`{items, links}` of up to `limit` rows with `links.next` and the Link header where more
        are there; `cursor` gives the place of a row, `more` adds fields."""
        items = list(rows[: self.limit])
        links: dict[str, str] = {}
        headers: dict[str, str] = {}
        if len(rows) > self.limit:
            links["next"] = self._next(cursor(items[-1]))
            headers["Link"] = f'<{links["next"]}>; rel="next"'
        return answer({"items": items, "links": links, **more}, headers=headers)

    def _next(self, cursor: Cursor) -> str:
        return f"{self._path}?{urlencode([*self._query, ('page', self._token(cursor))])}"


class Pager:
    """Makes and reads page tokens. A token holds for one list with one set of filters; it
    survives a restart, as it is sealed under the deployment's secret."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    @property
    def dependency(self) -> Any:
        """The dependency that gives the Page asked for. Raises Malformed: page-token-damaged."""

        async def page(
            request: Request,
            page: Annotated[
                str | None, Query(max_length=1000, description="Token of `links.next`.")
            ] = None,
            limit: Annotated[
                int, Query(ge=1, le=LIMIT, description="Items on a page.")
            ] = DEFAULT_LIMIT,
        ) -> Page:
            path = request.scope["path"]
            query = [pair for pair in request.query_params.multi_items() if pair[0] != "page"]
            about = (path, *(f"{name}={value}" for name, value in query if name != "limit"))
            return Page(
                after=None if page is None else self.read(page, about),
                limit=limit,
                _path=path,
                _query=query,
                _token=lambda cursor: self.write(cursor, about),
            )

        return Depends(page)

    def write(self, cursor: Cursor, about: Sequence[str]) -> str:
        """The token of a cursor in the list that `about` names."""
        raw = orjson.dumps(cursor)
        return _written(self._seal(raw, about) + raw)

    def read(self, token: str, about: Sequence[str]) -> Cursor:
        """The cursor of a token. Raises Malformed where it is not one of ours for this list."""
        try:
            whole = urlsafe_b64decode(token.encode("ascii") + b"=" * (-len(token) % 4))
        except (NotBase64, UnicodeEncodeError):
            raise _damaged() from None
        # Base64 is read past what is none of it: only the text that we wrote counts.
        if _written(whole) != token:
            raise _damaged()
        seal, raw = whole[:_SEAL], whole[_SEAL:]
        if not hmac.compare_digest(seal, self._seal(raw, about)):
            raise _damaged()
        return tuple(orjson.loads(raw))

    def _seal(self, raw: bytes, about: Sequence[str]) -> bytes:
        parts = (b"page", raw, *(part.encode() for part in about))
        return hmac.digest(self._secret, length_prefixed(parts), hashlib.sha256)[:_SEAL]


def _written(whole: bytes) -> str:
    return urlsafe_b64encode(whole).rstrip(b"=").decode()


def _damaged() -> Malformed:
    return Malformed(
        "The page token is damaged, or belongs to another list; begin again without it.",
        "page-token-damaged",
    )
