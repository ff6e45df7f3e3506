"""Which medicine a prescription names: by a concept, or by a reference to one sent along, contained or only named."""

from collections.abc import Iterator
from typing import Any

import msgspec

from cdss.rules.facts import Drug
from cdss.rules.pack import Pack
from cdss.serving.emr.fhir import codes
from cdss.serving.emr.fhir import types as fhir
from cdss.serving.emr.fhir.chart import Chart

Prescription = fhir.MedicationRequest | fhir.MedicationStatement


def medicine(resource: Prescription, chart: Chart, pack: Pack, way: str | None) -> Drug | None:
    """The medicine of a prescription; None if it names none, or one that cannot be read."""
    concept = resource.medication_codeable_concept or resource.medication.concept
    reference = reference_of(resource)
    if concept and _says(concept):
        return _resolved(concept, pack, way)
    return _referenced(reference, resource.contained, chart, pack, way) if reference else None


def reference_of(resource: Prescription) -> fhir.Reference | None:
    """The reference to the medicine, if it is told by one."""
    return resource.medication_reference or resource.medication.reference


def named(resource: Prescription) -> str:
    """What a prescription that cannot be read is called: its reference, or itself."""
    reference = reference_of(resource)
    return (reference.reference if reference else "") or f"{type(resource).__name__}/{resource.id}"


def _says(concept: fhir.CodeableConcept) -> bool:
    return bool(concept.names()[0])


def _referenced(
    reference: fhir.Reference, contained: list[dict[str, Any]], chart: Chart, pack: Pack, way: str | None
) -> Drug | None:
    inside = {f"#{resource.get('id')}": resource for resource in contained}
    sent = inside.get(reference.reference) or chart.find(reference.reference)
    found = list(_products(sent, chart, pack, way)) if sent else []
    if reference.display:
        found.append(_resolved(fhir.CodeableConcept(text=reference.display), pack, way))
    return _best(found) if found else None


def _products(sent: dict[str, Any], chart: Chart, pack: Pack, way: str | None) -> Iterator[Drug]:
    """What a Medication is by its code, and by its ingredients; nothing if it cannot be read."""
    try:
        read = fhir.read(sent, fhir.Medication)
    except msgspec.ValidationError:
        return
    if _says(read.code):
        yield _resolved(read.code, pack, way)
    parts = [part.item_codeable_concept or part.item.concept for part in read.ingredient]
    if parts and all(part and _says(part) for part in parts):
        yield _together([_resolved(part, pack, way) for part in parts if part], chart)


def _together(parts: list[Drug], chart: Chart) -> Drug:
    """One medicine of several ingredients; those that nobody knows are said."""
    if len(parts) == 1:
        return parts[0]
    for part in parts:
        if not part.ingredients and not part.atc:
            chart.notes.add("ingredient-unknown", found=part.text)
    return Drug(
        " + ".join(part.text for part in parts),
        tuple(dict.fromkeys(ingredient for part in parts for ingredient in part.ingredients)),
        tuple(dict.fromkeys(code for part in parts for code in part.atc)),
        any(part.systemic for part in parts),
        tuple(conflict for part in parts for conflict in part.conflicts),
        mixture=True,
    )


def _resolved(concept: fhir.CodeableConcept, pack: Pack, way: str | None) -> Drug:
    """The medicine of a concept, by its codes and whichever of its names is known."""
    known = {
        "atc": concept.code_in(codes.ATC) or None,
        "nhsa": concept.code_in(codes.NHSA) or None,
        "rxnorm": concept.code_in(codes.RXNORM) or None,
    }
    return _best([pack.formulary.resolve(name=name, route=way, **known) for name in concept.names()])


def _best(drugs: list[Drug]) -> Drug:
    """The first that is known by its ingredients, else by a class, else the first."""
    return next((d for d in drugs if d.ingredients), next((d for d in drugs if d.atc), drugs[0]))
