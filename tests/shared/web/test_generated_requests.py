"""Generated requests find no undocumented status, slug or shape, and no 5xx (X1)."""

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from shared.kernel.clock import SystemClock
from shared.runtime.app import host_app
from tests.shared.web.boxes import Boxes

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
HOW = settings(
    max_examples=10,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)


def operations():
    boxes = Boxes(SystemClock())
    boxes.rows = [{"id": "b1", "version": 3}]
    boxes.hub.close()
    schema = schemathesis.openapi.from_asgi(
        "/intake/openapi.json", host_app([("intake", boxes.app())])
    )
    return [found.ok() for found in schema.get_all_operations() if isinstance(found, Ok)]


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
@pytest.mark.parametrize("operation", operations(), ids=lambda found: found.label)
def test_every_answer_is_documented(operation, mode):
    @given(case=operation.as_strategy(generation_mode=mode))
    @HOW
    def asked(case):
        key = {"Idempotency-Key": '"k"'}
        case.headers = {**key, **(case.headers or {}), "Authorization": "Bearer trust"}
        case.validate_response(case.call(), checks=CHECKS)

    asked()
