"""Generated requests over one service's OpenAPI document, alone and along its links (X1)."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Ok
from schemathesis.core.transport import Response
from schemathesis.generation.stateful.state_machine import APIStateMachine
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
MODES = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
STEPS = 8
"""Requests of one walk along links."""
PATIENCE = 60.0
"""Seconds for one answer; a stream lives shorter."""

Case = schemathesis.Case[Any]
Prepare = Callable[[Case], None]
Told = Callable[[int, int, str], None]


def unseen(done: int, total: int, what: str) -> None:
    """For whoever watches no progress."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """How much is asked: so many requests of each operation in so many modes (with one, it changes
    from operation to operation), so many walks."""

    each: int
    walks: int
    modes: int = len(MODES)


@dataclass(slots=True)
class Found:
    """What was answered, by operation and status, and what is at fault, each kind once."""

    answers: Counter[tuple[str, int]] = field(default_factory=Counter)
    faults: dict[str, str] = field(default_factory=dict)

    @property
    def asked(self) -> int:
        return self.answers.total()

    def succeeded(self) -> set[str]:
        """Operations that carried something out."""
        return {label for label, status in self.answers if status in (200, 201, 202)}

    def fault(self, label: str, what: str, curl: str) -> None:
        self.faults.setdefault(f"{label}: {what}", curl)


class Fuzz:
    """One schema, asked as `prepare` makes it askable."""

    def __init__(self, schema: Any, prepare: Prepare, found: Found | None = None) -> None:
        self._schema = schema
        self._prepare = prepare
        self.found = found or Found()

    def run(
        self, budget: Budget, number: int, told: Told = lambda done, total, what: None
    ) -> Found:
        """Asks within the budget, in the order that the seed `number` gives. Faults are noted, not
        raised: the budget is spent whole."""
        operations = self.operations()
        total = budget.modes * len(operations) + budget.walks
        done = 0
        for n, operation in enumerate(operations, number):
            for more in range(budget.modes):
                told(done, total, operation.label)
                self._ask(operation, MODES[(n + more) % len(MODES)], budget.each, number)
                done += 1
        if budget.walks:
            self._walk(budget.walks, number, lambda walk: told(done + walk, total, "walks"))
        told(total, total, "done")
        return self.found

    def operations(self) -> list[Any]:
        """The operations of the document, in its order."""
        return [one.ok() for one in self._schema.get_all_operations() if isinstance(one, Ok)]

    def _ask(self, operation: Any, mode: GenerationMode, examples: int, number: int) -> None:
        @seed(number)
        @given(case=operation.as_strategy(generation_mode=mode))
        @settings(_settings(), max_examples=examples)
        def asked(case: Case) -> None:
            self._prepare(case)
            self._judge(case)

        asked()

    def _walk(self, walks: int, number: int, told: Callable[[int], None]) -> None:
        fuzz = self
        begun = iter(range(10**9))

        class Walk(self._schema.as_state_machine()):  # type: ignore[misc]  # made at run time
            def setup(self) -> None:
                told(min(next(begun), walks))

            def before_call(self, case: Case) -> None:
                fuzz._prepare(case)

            def call(self, case: Case, **more: Any) -> Response:
                return fuzz._called(case)

            def validate_response(self, response: Response, case: Case, **more: Any) -> None:
                fuzz._judged(case, response)

        _run(Walk, walks, number)

    def _judge(self, case: Case) -> None:
        try:
            response = self._called(case)
        except requests.RequestException as error:
            self.found.fault(case.operation.label, type(error).__name__, case.as_curl_command())
            return
        self._judged(case, response)

    def _called(self, case: Case) -> Response:
        return case.call(timeout=PATIENCE)

    def _judged(self, case: Case, response: Response) -> None:
        label = case.operation.label
        self.found.answers[label, response.status_code] += 1
        try:
            case.validate_response(response, checks=CHECKS)
        except FailureGroup as group:
            for one in group.exceptions:
                what = f"{response.status_code} {one.title}"
                self.found.fault(label, what, f"{one}\n{case.as_curl_command()}")


def _run(machine: type[APIStateMachine], walks: int, number: int) -> None:
    seed(number)(machine)
    machine.run(settings=settings(_settings(), max_examples=walks, stateful_step_count=STEPS))


def _settings() -> settings:
    return settings(
        deadline=None,
        database=None,
        derandomize=False,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )


def schema_at(url: str, service: str) -> Any:
    """The document of a service that is served there."""
    return schemathesis.openapi.from_url(f"{url}/{service}/openapi.json")


def lines(found: Found) -> Iterator[str]:
    """The faults, each with how to see it again."""
    for what, how in found.faults.items():
        yield f"{what}\n{how}\n"
