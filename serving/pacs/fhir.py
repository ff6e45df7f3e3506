"""Results as FHIR R4: DiagnosticReport (preliminary) with the findings as contained Observations."""

from collections.abc import Iterator
from typing import Any

from cdss.serving.pacs.flow.books import Result
from cdss.serving.pacs.result import Finding, Malignancy
from cdss.serving.pacs.size import ESTIMATE
from cdss.serving.pacs.subject import Subject
from cdss.serving.platform.language import Lang

SNOMED, UCUM = "http://snomed.info/sct", "http://unitsofmeasure.org"
DICOM = "http://dicom.nema.org/resources/ontology/DCM"
RADIOLOGY = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0074", "code": "RAD"}]}
STUDY = {  # LOINC; the report's code by what was read
    "lung_nodule": {"system": "http://loinc.org", "code": "24627-2", "display": "CT Chest"},
    "fracture": {"system": "http://loinc.org", "code": "18748-4", "display": "Diagnostic imaging study"},
}
FOUND = {
    "lung_nodule": {"system": SNOMED, "code": "427359005", "display": "Solitary nodule of lung"},
    "fracture": {"system": SNOMED, "code": "125605004", "display": "Fracture of bone"},
}


def report(found: Result, about: Subject, lang: Lang) -> dict[str, Any]:
    """The DiagnosticReport of a result, filed by patient and accession. Nothing is claimed where nothing was read."""
    told = found.told
    numbers = [f"finding-{one.id}" for one in told.findings]
    task = told.model.name if told.model else ""
    body: dict[str, Any] = {
        "resourceType": "DiagnosticReport",
        "id": found.id,
        "status": "preliminary",
        "identifier": [{"system": "urn:dicom:uid", "value": f"urn:oid:{told.study_uid}"}],
        "category": [RADIOLOGY],
        "code": {"coding": [STUDY.get(task, STUDY["fracture"])]},
        "issued": found.at,
        "performer": [{"display": found.model}],
        "conclusion": "\n".join(why.zh if lang == "zh" else why.en for why in told.quality),
        "contained": [_observation(one, number) for one, number in zip(told.findings, numbers, strict=True)],
        "result": [{"reference": f"#{number}"} for number in numbers],
        "subject": {"identifier": {"value": about.patient_id}} if about.patient_id else None,
        "basedOn": [{"identifier": {"value": about.accession}}] if about.accession else None,
    }
    return {name: value for name, value in body.items() if value}


def bundle(reports: list[dict[str, Any]], total: int) -> dict[str, Any]:
    """The answer to a search."""
    entries = [{"fullUrl": f"urn:uuid:{one['id']}", "resource": one, "search": {"mode": "match"}} for one in reports]
    body = {"resourceType": "Bundle", "type": "searchset", "total": total, "entry": entries}
    return {name: value for name, value in body.items() if value or name == "total"}


def _observation(one: Finding, number: str) -> dict[str, Any]:
    components = [_component("Certainty of Finding", "111012", one.score * 100, "%")]
    for name, code, value, unit in (
        ("Diameter", "81827009", one.diameter_mm, "mm"),
        ("Long axis", "103339001", one.long_mm, "mm"),
        ("Short axis", "103340004", one.short_mm, "mm"),
        ("Volume", "118565006", one.volume_mm3, "mm3"),
    ):
        if value:
            components.append(_component(name, code, value, unit, SNOMED))
    if one.malignancy:
        components.append(_rating(one.malignancy))
    if one.attenuation:
        components.append({"code": {"text": "Attenuation"}, "valueString": one.attenuation})
    return {
        "resourceType": "Observation",
        "id": number,
        "status": "preliminary",
        "code": {"coding": [FOUND[one.kind]]},
        "component": components,
        "derivedFrom": [{"identifier": {"system": "urn:dicom:uid", "value": f"urn:oid:{one.sop_instance_uid}"}}],
        "note": [{"text": text} for text in _notes(one)],
    }


def _component(name: str, code: str, value: float, unit: str, system: str = DICOM) -> dict[str, Any]:
    quantity = {"value": round(value, 1), "unit": unit, "system": UCUM, "code": unit}
    return {"code": {"coding": [{"system": system, "code": code, "display": name}]}, "valueQuantity": quantity}


def _rating(said: Malignancy) -> dict[str, Any]:
    """No code says "as readers would rate it": that of a probability of cancer would claim too much."""
    quantity = {"value": round(said.probability * 100, 1), "unit": "%", "system": UCUM, "code": "%"}
    return {"code": {"text": f"Malignancy. {said.en} {said.zh}"}, "valueQuantity": quantity}


def _notes(one: Finding) -> Iterator[str]:
    """Patient millimetres of a nodule, pixels of a fracture; then that a size was not measured, where it was not."""
    if one.position_mm is None:
        yield "px " + ", ".join(f"{value:g}" for value in one.box_px)
        return
    yield "LPS mm " + ", ".join(f"{value:g}" for value in one.position_mm)
    if not one.measured:
        yield f"{one.diameter_mm:g} mm: {ESTIMATE.zh}; {ESTIMATE.en}"
