"""What a validator found, in our own sentences: never the value, always the place."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from pydantic_core.core_schema import ErrorType

from shared.kernel.errors import FieldFault, Invalid, Malformed, NotFound, OpenDoorError


@dataclass(frozen=True, slots=True)
class Say:
    """`shape`: the request cannot be read (400); otherwise its meaning is impossible (422).
    `message` may name the limits of our own schema, which is all that `ctx` holds here."""

    shape: bool
    message: str


SHAPE = True
MEANING = False

SENTENCES: Mapping[str, Say] = {
    "missing": Say(SHAPE, "This field is needed."),
    "missing_argument": Say(SHAPE, "This field is needed."),
    "unexpected_keyword_argument": Say(SHAPE, "This field is not known here."),
    "extra_forbidden": Say(SHAPE, "This field is not known here."),
    "string_type": Say(SHAPE, "Write text."),
    "int_type": Say(SHAPE, "Write a whole number."),
    "int_parsing": Say(SHAPE, "Write a whole number."),
    "int_parsing_size": Say(SHAPE, "Write a whole number of at most 64 bits."),
    "int_from_float": Say(SHAPE, "Write a whole number."),
    "float_type": Say(SHAPE, "Write a number."),
    "float_parsing": Say(SHAPE, "Write a number."),
    "finite_number": Say(SHAPE, "Write a number that is not infinite."),
    "bool_type": Say(SHAPE, "Write true or false."),
    "bool_parsing": Say(SHAPE, "Write true or false."),
    "list_type": Say(SHAPE, "Write a list."),
    "tuple_type": Say(SHAPE, "Write a list."),
    "dict_type": Say(SHAPE, "Write an object."),
    "dataclass_type": Say(SHAPE, "Write an object."),
    "dataclass_exact_type": Say(SHAPE, "Write an object."),
    "model_type": Say(SHAPE, "Write an object."),
    "none_required": Say(SHAPE, "Write null, or leave the field out."),
    "json_invalid": Say(SHAPE, "Write JSON."),
    "union_tag_not_found": Say(SHAPE, "Say which kind this is."),
    "union_tag_invalid": Say(MEANING, "This kind is not one of those known."),
    "literal_error": Say(MEANING, "Choose one of {expected}."),
    "enum": Say(MEANING, "Choose one of {expected}."),
    "string_too_long": Say(MEANING, "Write at most {max_length} characters."),
    "string_too_short": Say(MEANING, "Write at least {min_length} character(s)."),
    "string_pattern_mismatch": Say(MEANING, "This is not written as such a code is."),
    "too_long": Say(MEANING, "Give at most {max_length}."),
    "too_short": Say(MEANING, "Give at least {min_length}."),
    "greater_than": Say(MEANING, "Write a number above {gt}."),
    "greater_than_equal": Say(MEANING, "Write {ge} or more."),
    "less_than": Say(MEANING, "Write a number below {lt}."),
    "less_than_equal": Say(MEANING, "Write {le} or less."),
    "surrogate": Say(SHAPE, "Text may not hold half a surrogate pair."),
    "nul": Say(SHAPE, "Text may not hold the NUL character."),
}
"""By pydantic's error type, and ours of kernel/words where they are about shape."""

OTHERWISE = Say(MEANING, "This value does not make sense here.")
_PYDANTIC_TYPES = frozenset(get_args(ErrorType))
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,63}\Z")

Found = Mapping[str, Any]
"""One of pydantic's `errors()`: `type`, `loc`, `msg`, `ctx`."""


def body_error(found: Sequence[Found], document: object) -> OpenDoorError:
    """What is wrong with a body that is JSON: Malformed where its shape is, else Invalid."""
    return _error([_fault(one, body_pointer(one["loc"], document)) for one in found])


def parameter_error(found: Sequence[Found]) -> OpenDoorError:
    """What is wrong with path, query or headers; pointers are `/query/limit` and the like. A path
    that cannot be one of ours is not there."""
    if any(one["loc"][0] == "path" for one in found):
        return NotFound("There is no such thing here, or it is not yours to see.")
    return _error([_fault(one, pointer(one["loc"])) for one in found])


def _error(faults: Sequence[tuple[Say, FieldFault]]) -> OpenDoorError:
    told = tuple(fault for _, fault in faults)
    if any(say.shape for say, _ in faults):
        return Malformed("The request is not as it should be; see `errors`.", faults=told)
    return invalid(told)


def invalid(faults: Sequence[FieldFault]) -> Invalid:
    """Invalid with several faults at once."""
    first = faults[0]
    error = Invalid(first.pointer, first.code, first.message)
    error.faults = tuple(faults)
    return error


def sentence(one: Found) -> str:
    """What is wrong with one value, in our own words."""
    return _say(one).message.format_map(_Context(one.get("ctx") or {}))


def _fault(one: Found, place: str) -> tuple[Say, FieldFault]:
    return _say(one), FieldFault(pointer=place, code=str(one["type"]), message=sentence(one))


def _say(one: Found) -> Say:
    code = str(one["type"])
    return SENTENCES.get(code) or _own(code, one)


def _own(code: str, one: Found) -> Say:
    """An error type of our own words carries its own sentence; pydantic's others do not."""
    if code in _PYDANTIC_TYPES:
        return OTHERWISE
    text = str(one["msg"]).replace("{", "{{").replace("}", "}}")
    return Say(MEANING, f"{text[:1].upper()}{text[1:].rstrip('.')}.")


class _Context(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "those documented"


def pointer(parts: Iterable[object]) -> str:
    """An RFC 6901 pointer. It stops before a name that is none of ours to repeat."""
    steps: list[str] = []
    for part in parts:
        if not isinstance(part, int) and not _NAME.match(str(part)):
            break
        steps.append(str(part))
    return "".join(f"/{step}" for step in steps)


def body_pointer(loc: Sequence[object], document: object) -> str:
    """The pointer of a validator's `loc`, which also names the branches of unions: only what the
    document holds, and a last name that it lacks, are steps."""
    steps: list[object] = []
    here = document
    for index, part in enumerate(loc):
        if _holds(here, part):
            here = here[part]  # type: ignore[index]  # _holds says that it can be stepped into
        elif not (isinstance(here, dict) and index == len(loc) - 1):
            continue
        steps.append(part)
    return pointer(steps)


def _holds(here: object, part: object) -> bool:
    if isinstance(here, dict):
        return part in here
    return isinstance(here, list) and isinstance(part, int) and part < len(here)
