"""A request's body: read within limits, refused where JSON is not what it seems, then validated.

The validator alone takes a repeated key, an escaped NUL, 100 levels and 2^70, so one `json.loads`
with hooks goes before it (6-14 us for 0.7 KB); only a refusal pays for a walk that finds the place.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, NoReturn

from fastapi import Request
from pydantic import TypeAdapter, ValidationError

from shared.kernel.errors import FieldFault, Malformed
from shared.kernel.words import INTEGER_LIMIT
from shared.web.faults import body_error, pointer

BODY_LIMIT = 1024 * 1024
DEPTH_LIMIT = 64
_JSON = "application/json"
_LEAST = -INTEGER_LIMIT - 1


async def read_body(request: Request, limit: int = BODY_LIMIT) -> bytes:
    """The body's bytes, counted as they stream. Raises Malformed: too-large beyond `limit`,
    unsupported-media-type for an encoding, or for content that is not JSON."""
    headers = request.headers
    if headers.get("content-encoding", "identity").lower() != "identity":
        raise Malformed("Send the body without a content encoding.", "unsupported-media-type")
    length = headers.get("content-length", "")
    if length.isdigit() and int(length) > limit:
        raise _too_large(limit)
    body = await _counted(request, limit)
    if body and not _is_json(headers.get("content-type", "")):
        raise Malformed("Send application/json in UTF-8.", "unsupported-media-type")
    return body


async def _counted(request: Request, limit: int) -> bytes:
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > limit:
            raise _too_large(limit)
        chunks.append(chunk)
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)


def _too_large(limit: int) -> Malformed:
    return Malformed(f"The body is larger than {limit // 1024} KiB.", "too-large")


def _is_json(content_type: str) -> bool:
    if content_type == _JSON:
        return True
    media, _, parameters = content_type.partition(";")
    charset = parameters.strip().lower().replace('"', "")
    return media.strip().lower() == _JSON and charset in ("", "charset=utf-8")


class _Refused(Exception):
    """A hook met what JSON must not hold; the walk will find where."""

    def __init__(self, slug: str) -> None:
        self.slug = slug


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise _Refused("duplicate-key")
    return made


def _integer(text: str) -> int:
    # Longer digits are refused before int() reads them: it takes quadratic time.
    if len(text) < 19:
        return int(text)
    if len(text) > 20 or not _LEAST <= (number := int(text)) <= INTEGER_LIMIT:
        raise _Refused("number-out-of-range")
    return number


def _number(text: str) -> float:
    number = float(text)
    if number - number != 0:
        raise _Refused("number-out-of-range")
    return number


def _constant(text: str) -> NoReturn:
    raise _Refused("number-out-of-range")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_pairs, parse_int=_integer, parse_float=_number, parse_constant=_constant
)


def parse(body: bytes) -> Any:
    """The document, safe to hand on. Raises Malformed with the slug of what it must not hold."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        raise Malformed("The body is not UTF-8.", "bad-encoding") from None
    try:
        document = _DECODER.decode(text)
    except _Refused as refused:
        raise _located(refused.slug, text) from None
    except RecursionError:
        raise _too_deep("") from None
    except json.JSONDecodeError as error:
        raise _no_json(text, error) from None
    _refuse_suspects(body, document)
    return document


def _no_json(text: str, error: json.JSONDecodeError) -> Malformed:
    if "\x00" in text:
        return Malformed("The body may not hold the NUL character.", "nul-character")
    place = f"line {error.lineno}, character {error.colno}"
    return Malformed(f"The body is not JSON: see {place}.", "bad-json")


def _refuse_suspects(body: bytes, document: Any) -> None:
    """Walks the document only where its bytes could hold an escaped NUL or surrogate, or enough
    brackets to be too deep."""
    if b"\\u" in body or body.count(b"{") + body.count(b"[") > DEPTH_LIMIT:
        for steps, one in _walk(document):
            if len(steps) >= DEPTH_LIMIT and isinstance(one, dict | list):
                raise _too_deep(pointer(steps))
            if isinstance(one, str):
                _refuse_text(one, steps)


def _refuse_text(text: str, steps: tuple[object, ...]) -> None:
    if "\x00" in text:
        raise _at("nul-character", steps, "Text may not hold the NUL character.")
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise _at("lone-surrogate", steps, "Text may not hold half a surrogate pair.")


def _walk(document: Any) -> Iterator[tuple[tuple[object, ...], Any]]:
    """Every value with its steps, names of fields among the texts; no recursion."""
    waiting: list[tuple[tuple[object, ...], Any]] = [((), document)]
    while waiting:
        steps, one = waiting.pop()
        yield steps, one
        if isinstance(one, dict):
            for name, inner in one.items():
                yield steps, name
                waiting.append(((*steps, name), inner))
        elif isinstance(one, list):
            waiting.extend(((*steps, index), inner) for index, inner in enumerate(one))


def _too_deep(place: str) -> Malformed:
    fault = FieldFault(
        pointer=place, code="too-deep", message=f"Nest at most {DEPTH_LIMIT} levels deep."
    )
    return Malformed("The body is nested too deep.", "too-deep", (fault,))


def _at(slug: str, steps: tuple[object, ...], message: str) -> Malformed:
    fault = FieldFault(pointer=pointer(steps), code=slug, message=message)
    return Malformed(message, slug, (fault,))


class _Twice(dict[str, Any]):
    """An object in which a field stood twice; `name` is the field's."""

    name = ""


def _keeping(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    counts = Counter(name for name, _ in pairs)
    if len(counts) == len(pairs):
        return dict(pairs)
    kept = _Twice(pairs)
    kept.name = next(name for name, count in counts.items() if count > 1)
    return kept


_MESSAGES = {
    "duplicate-key": "A field stands twice in one object.",
    "number-out-of-range": "Write a number that fits 64 bits.",
}


def _located(slug: str, text: str) -> Malformed:
    """The same refusal with its place, by a second reading that keeps what the first refused."""
    keeping = json.JSONDecoder(
        object_pairs_hook=_keeping,
        parse_int=_kept(_integer),
        parse_float=_kept(_number),
        parse_constant=lambda text: _OUT_OF_RANGE,
    )
    try:
        document = keeping.decode(text)
    except (json.JSONDecodeError, RecursionError):
        return Malformed(_MESSAGES[slug], slug)
    for steps, one in _walk(document):
        if slug == "duplicate-key" and isinstance(one, _Twice):
            return _at(slug, (*steps, one.name), _MESSAGES[slug])
        if slug != "duplicate-key" and one is _OUT_OF_RANGE:
            return _at(slug, steps, _MESSAGES[slug])
    return Malformed(_MESSAGES[slug], slug)


_OUT_OF_RANGE = object()


def _kept(read: Callable[[str], Any]) -> Callable[[str], Any]:
    def reading(text: str) -> Any:
        try:
            return read(text)
        except _Refused:
            return _OUT_OF_RANGE

    return reading


def validate(adapter: TypeAdapter[Any], body: bytes, document: Any) -> Any:
    """The command from bytes that `parse` has passed. Raises Malformed or Invalid with each
    fault's place."""
    try:
        return adapter.validate_json(body)
    except ValidationError as error:
        found = error.errors(include_input=False, include_url=False)
        raise body_error(found, document) from None
