"""A chart: the resources of one patient out of bundles, those of anybody else left out and counted."""

from dataclasses import dataclass, field
from typing import Any, TypeVar

import msgspec

from cdss.serving.emr.asked import Notes
from cdss.serving.emr.fhir_care import RESOURCES
from cdss.serving.emr.fhir_types import Struct

Kind = TypeVar("Kind", bound=Struct)


@dataclass(slots=True)
class Chart:
    """What was sent of one patient. `patient` is the id in the request, empty if none was named."""

    patient: str
    notes: Notes
    resources: dict[type[Struct], list[Struct]] = field(default_factory=dict)
    by_address: dict[str, dict[str, Any]] = field(default_factory=dict)  # Medication/m1, urn:uuid:... -> raw resource
    strangers: int = 0

    def of(self, kind: type[Kind]) -> list[Kind]:
        """All resources of a kind."""
        return self.resources.get(kind, [])  # type: ignore[return-value]

    def add(self, value: Any) -> None:
        """A resource or a bundle of any type. What cannot be read becomes a note."""
        if not isinstance(value, dict):
            self.notes.add("resource-unreadable", found="entry")
        elif value.get("resourceType") == "Bundle":
            self._add_bundle(value)
        else:
            self._add_resource(value)

    def _add_bundle(self, bundle: dict[str, Any]) -> None:
        entries = [entry for entry in bundle.get("entry") or () if isinstance(entry, dict)]
        for entry in entries:
            if isinstance(resource := entry.get("resource"), dict):
                self._index(resource, entry.get("fullUrl"))
        for entry in entries:
            if "resource" in entry:
                self.add(entry["resource"])

    def _index(self, resource: dict[str, Any], full_url: Any) -> None:
        self.by_address[f"{resource.get('resourceType')}/{resource.get('id')}"] = resource
        if isinstance(full_url, str):
            self.by_address[full_url] = resource

    def _add_resource(self, value: dict[str, Any]) -> None:
        kind = RESOURCES.get(str(value.get("resourceType")))
        if kind is None:
            return
        try:
            resource = msgspec.convert(value, kind)
        except msgspec.ValidationError:
            self.notes.add("resource-unreadable", found=kind.__name__)
            return
        if self._is_of_patient(resource):
            self.resources.setdefault(kind, []).append(resource)
        else:
            self.strangers += 1

    def _is_of_patient(self, resource: Struct) -> bool:
        """A resource that names nobody is taken to be the patient's; one that names another is not."""
        subject = getattr(resource, "subject", None) or getattr(resource, "patient", None)
        named = subject.reference if subject else getattr(resource, "id", "")
        if not named or not self.patient:
            return True
        target = self.by_address.get(named, {}).get("id") or named
        return same_patient(target, self.patient)

    def close(self) -> None:
        """Say how many resources were left out."""
        if self.strangers:
            self.notes.add("other-patient", found=self.strangers)


def same_patient(reference: str, patient: str) -> bool:
    """Whether a reference in any form (Patient/1, an address, urn:uuid:..., 1) means that patient id."""
    return bare_id(reference) == bare_id(patient)


def bare_id(reference: str) -> str:
    """The id in a reference, without its server, type and version."""
    return reference.split("/_history/")[0].rstrip("/").rsplit("/", 1)[-1].removeprefix("urn:uuid:")
