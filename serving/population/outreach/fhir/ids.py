"""Ids of FHIR resources: the same for the same thing, and of the letters that FHIR R4 (2.24.0.1, id) allows."""

from cdss.serving.population.outreach.core.reminder import named


def subject_id(resident_id: str) -> str:
    """What the ids of a resident's RiskAssessments begin with: 32 hexadecimal digits."""
    return named(resident_id).replace("-", "")


def risk_id(resident_id: str, model: str) -> str:
    """Of the RiskAssessment of a resident by a model."""
    return f"{subject_id(resident_id)}-{model.replace('_', '-')}"
