"""The OpenAPI description, and requests made from it."""

import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    response_schema_conformance,
    status_code_conformance,
)

CHECKS = [not_a_server_error, status_code_conformance, response_schema_conformance]
FEW = settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))


def test_requests_made_from_the_description_are_answered_as_described(server):
    schema = schemathesis.openapi.from_url(f"{server.url}/openapi.json")
    seen = []
    for result in schema.get_all_operations():
        operation = result.ok()
        seen.append(f"{operation.method.upper()} {operation.path}")

        def answered(case):
            case.call_and_validate(checks=CHECKS, timeout=30)

        modes = [schemathesis.GenerationMode.POSITIVE]
        if operation.method == "post":  # a GET without parameters cannot be asked wrongly
            modes.append(schemathesis.GenerationMode.NEGATIVE)
        for mode in modes:
            strategy = operation.as_strategy(generation_mode=mode)
            FEW(_given(strategy)(answered))()
    assert "POST /v1/audio/speech" in seen and "POST /v1/audio/voices" in seen
    assert server.idle(10) and server.alive()


def _given(strategy):
    from hypothesis import given

    return given(case=strategy)
