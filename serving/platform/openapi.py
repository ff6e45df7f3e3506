"""The JSON API, described for programs (OpenAPI 3.1). Schemas come from the types that read the requests."""

import re
from functools import lru_cache
from typing import Any

import msgspec

from cdss.serving.emr.simple import types as simple
from cdss.serving.population.intake.columns import COLUMNS
from cdss.serving.population.worklist.agenda import HOWS
from cdss.serving.population.worklist.asked import MOST_WORDS

JSON = "application/json"
JSON_TYPES = {"number": "number", "truth": "boolean", "sex": "string", "day": "string", "words": "string"}
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


RESIDENT = {
    "type": "object",
    "description": "A row of the resident table; units as column[unit]; what is not there is missing.",
    "properties": {name: {"type": JSON_TYPES[column.kind]} for name, column in COLUMNS.items()},
    "required": ["age", "sex"],
}
RESIDENTS = {"oneOf": [RESIDENT, {"type": "array", "items": RESIDENT}]}
FILES = {"type": "object", "properties": {"files": {"type": "array", "items": {"type": "string", "format": "binary"}}}}
VERDICT = {
    "type": "object",
    "properties": {"verdict": {"enum": ["accept", "reject", "moved", "missed"]}},
    "required": ["verdict"],
}

HANDLED = {
    "type": "object",
    "properties": {
        "as": {"enum": list(HOWS)},
        "note": {"type": "string", "maxLength": MOST_WORDS},
        "by": {"type": "string", "maxLength": MOST_WORDS},
    },
    "required": ["as"],
}

#        method  path                                                 says                                 body
PATHS: tuple[tuple[str, str, str, Any, str], ...] = (
    ("post", "/api/v1/orders/check", "Check orders", {"$ref": "#/components/schemas/OrderRequest"}, JSON),
    ("post", "/api/v1/risk", "Risk of one resident, or of a list", RESIDENTS, JSON),
    ("get", "/api/v1/residents", "The worklist, most urgent first; ?week=1: what fits into a week", None, ""),
    ("get", "/api/v1/residents/{id}", "One resident as last assessed, with trends and targets", None, ""),
    ("post", "/api/v1/residents/{id}/advices/{rule}/handled", "What was done with an item of advice", HANDLED, JSON),
    ("delete", "/api/v1/residents/{id}/advices/{rule}/handled", "Open an item of advice again", None, ""),
    ("put", "/api/v1/residents/{id}/opt-out", "The resident wants no texts", None, ""),
    ("delete", "/api/v1/residents/{id}/opt-out", "The resident wants texts again", None, ""),
    ("get", "/api/v1/reminders", "Reminders on their way and those that went, last changed first", None, ""),
    ("post", "/api/v1/reminders/{id}/retry", "Send again what failed", None, ""),
    ("post", "/api/v1/studies", "Send DICOM files; 202 when they are durable", FILES, "multipart/form-data"),
    ("get", "/api/v1/studies", "Studies, newest first", None, ""),
    ("get", "/api/v1/studies/{study_uid}", "State, findings, quality notes and history of a study", None, ""),
    ("post", "/api/v1/studies/{study_uid}/retry", "Try again what waits for a person", None, ""),
    (
        "get",
        "/api/v1/studies/{study_uid}/preview/{number}.png",
        "A key image; ?overlay=boxes (default, as it goes to the PACS), scores (what the network saw) or none",
        None,
        "",
    ),
    (
        "post",
        "/api/v1/studies/{study_uid}/findings/{finding}/feedback",
        "What a reader says of a finding",
        VERDICT,
        JSON,
    ),
    ("get", "/fhir/RiskAssessment", "What the models say of residents, as FHIR R4", None, ""),
    ("get", "/fhir/RiskAssessment/{id}", "What one model says of a resident", None, ""),
    ("get", "/fhir/Flag", "Warnings about residents, as FHIR R4", None, ""),
    ("get", "/fhir/Flag/{id}", "One warning", None, ""),
    ("get", "/fhir/Task", "What doctors are to do for residents, as FHIR R4", None, ""),
    ("get", "/fhir/Task/{id}", "One task", None, ""),
    ("get", "/fhir/CommunicationRequest", "Texts to residents, as FHIR R4", None, ""),
    ("get", "/fhir/CommunicationRequest/{id}", "One text to a resident", None, ""),
    ("get", "/fhir/DiagnosticReport", "Pre-reads as FHIR R4 reports, status preliminary", None, ""),
    ("get", "/fhir/DiagnosticReport/{id}", "One pre-read as a FHIR R4 report", None, ""),
)


@lru_cache(maxsize=1)
def document() -> dict[str, Any]:
    """The whole description."""
    _, schemas = msgspec.json.schema_components([simple.OrderRequest], ref_template=REFERENCE)
    paths: dict[str, Any] = {}
    for method, path, says, schema, media in PATHS:
        paths.setdefault(path, {})[method] = _operation(path, says, schema, media)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Wangdi CDSS",
            "version": "1",
            "description": "Decision support for clinicians, not a cleared medical device.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": paths,
        "components": {"schemas": schemas},
    }


def _operation(path: str, says: str, schema: Any, media: str) -> dict[str, Any]:
    found: dict[str, Any] = {
        "summary": says,
        "parameters": [_parameter(name) for name in re.findall(r"{(\w+)}", path)],
        "responses": {"200": {"description": "Answered"}, "4XX": PROBLEM},
    }
    if schema:
        found["requestBody"] = {"required": True, "content": {media: {"schema": schema}}}
    return found


def _parameter(name: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
