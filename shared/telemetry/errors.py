"""An exception as a log line may tell it: its class and place, never its message.

Messages of drivers and validators quote values; only our own errors promise not to.
"""

import sys
from collections.abc import Iterator
from types import TracebackType

from shared.kernel.errors import OpenDoorError

FRAMES = 8


def told(error: BaseException) -> dict[str, object]:
    """`type`, `at` (the innermost places, `module:function:line`), `causes`, and `detail` where
    the error is one of ours."""
    fields: dict[str, object] = {"type": name_of(error), "at": _places(error.__traceback__)}
    causes = [name_of(cause) for cause in _causes(error)]
    if causes:
        fields["causes"] = causes
    if isinstance(error, OpenDoorError):
        fields["detail"] = error.detail
    return fields


def current(given: object) -> BaseException | None:
    """The exception that `exc_info` means: itself, the triple, or True for the one at hand."""
    if isinstance(given, BaseException):
        return given
    if isinstance(given, tuple):
        return given[1] if isinstance(given[1], BaseException) else None
    return sys.exception() if given else None


def name_of(error: BaseException) -> str:
    """The full name of an exception's class."""
    return f"{type(error).__module__}.{type(error).__qualname__}"


def _places(trace: TracebackType | None) -> list[str]:
    places: list[str] = []
    while trace is not None:
        code, module = trace.tb_frame.f_code, trace.tb_frame.f_globals.get("__name__", "?")
        places.append(f"{module}:{code.co_name}:{trace.tb_lineno}")
        trace = trace.tb_next
    return places[-FRAMES:]


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen = {id(error)}
    cause = error.__cause__ or error.__context__
    while cause is not None and id(cause) not in seen:
        yield cause
        seen.add(id(cause))
        cause = cause.__cause__ or cause.__context__
