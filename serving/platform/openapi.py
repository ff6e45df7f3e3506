"""The JSON API, described for programs (OpenAPI 3.1). Schemas come from the types that read the requests."""

from functools import lru_cache
from typing import Any

import msgspec

from cdss.serving.emr import simple

REFERENCE = "#/components/schemas/{name}"
PROBLEM = {
    "description": "What was found, what was expected, what to do (RFC 9457)",
    "content": {
        "application/problem+json": {
            "schema": {
                "type": "object",
                "required": ["type", "title", "status", "detail"],
                "properties": {
                    "type": {"type": "string"},
                    "title": {"type": "string"},
                    "status": {"type": "integer"},
                    "detail": {"type": "string"},
                    "detail_zh": {"type": "string"},
                    "pointer": {"type": "string", "description": "JSON pointer of the field"},
                },
            }
        }
    },
}


@lru_cache(maxsize=1)
def document() -> dict[str, Any]:
    """The whole description."""
    (order,), schemas = msgspec.json.schema_components([simple.OrderRequest], ref_template=REFERENCE)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Wangdi CDSS",
            "version": "1",
            "description": "Decision support for clinicians, not a cleared medical device.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": {
            "/api/v1/orders/check": {"post": _post("Check orders", order)},
        },
        "components": {"schemas": schemas},
    }


def _post(summary: str, schema: dict[str, Any]) -> dict[str, Any]:
    answers = dict.fromkeys(("400", "413", "422"), PROBLEM)
    return {
        "summary": summary,
        "requestBody": {"required": True, "content": {"application/json": {"schema": schema}}},
        "responses": {"200": {"description": "Answered", "content": {"application/json": {}}}, **answers},
    }
