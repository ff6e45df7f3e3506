"""A chart: the resources of one patient out of bundles, those of anybody else left out and counted."""

from dataclasses import dataclass, field
from typing import Any, TypeVar

import msgspec

from cdss.serving.emr.asked import Notes
from cdss.serving.emr.fhir.care import RESOURCES
from cdss.serving.emr.fhir.types import Struct, read
from cdss.serving.emr.hooks.services import PAGES

Kind = TypeVar("Kind", bound=Struct)
ANY = "*"  # something was lost of which it is not known what it was


@dataclass(slots=True)
class Chart:
    """What was sent of one patient. `patient` is the id in the request, empty if none was named.

    `partial` holds the kinds of resource that did not all come or could not all be read.
    """

    patient: str
    notes: Notes
    resources: dict[type[Struct], list[Struct]] = field(default_factory=dict)
    by_address: dict[str, dict[str, Any]] = field(default_factory=dict)  # Medication/m1, urn:uuid:... -> raw resource
    strangers: int = 0
    partial: set[str] = field(default_factory=set)

    def of(self, kind: type[Kind]) -> list[Kind]:
        """All resources of a kind."""
        return self.resources.get(kind, [])  # type: ignore[return-value]

    def find(self, reference: str) -> dict[str, Any] | None:
        """The resource a reference means: by its address, else by type and id, whatever the server and the version."""
        return self.by_address.get(reference) or self.by_address.get(relative(reference))

    def add(self, value: Any, name: str) -> set[str]:
        """A resource or a bundle of any type, called `name`. What was lost of it, which is said: kinds, or ANY."""
        kind = value.get("resourceType") if isinstance(value, dict) else None
        if kind == "Bundle":
            return self._add_bundle(value, name)
        if kind == "OperationOutcome":
            self.notes.add("prefetch-failed", found=name)
            return {ANY}
        return self._add_resource(value, kind) if isinstance(kind, str) else self._lost(ANY, name)

    def _lost(self, kind: str, name: str) -> set[str]:
        self.notes.add("resource-unreadable", found=name)
        return {kind}

    def _add_bundle(self, bundle: dict[str, Any], name: str) -> set[str]:
        entries = [] if bundle.get("entry") is None else bundle["entry"]
        if not isinstance(entries, list):
            return self._lost(ANY, f"{name}.entry")
        for entry in entries:
            if isinstance(entry, dict) and isinstance(resource := entry.get("resource"), dict):
                self._index(resource, entry.get("fullUrl"))
        lost = {kind for entry in entries for kind in self._add_entry(entry, name)}
        if _goes_on(bundle, len(entries)):
            lost.add(ANY)
            if len(entries) < PAGES.get(name, len(entries) + 1):
                self.notes.add("prefetch-incomplete", found=name)
        return lost

    def _add_entry(self, entry: Any, name: str) -> set[str]:
        if not isinstance(entry, dict) or ("resource" not in entry and "request" not in entry):
            return self._lost(ANY, f"{name}.entry")
        resource = entry.get("resource")
        return set() if resource is None or _remarks(resource) else self.add(resource, name)

    def _index(self, resource: dict[str, Any], full_url: Any) -> None:
        self.by_address[f"{resource.get('resourceType')}/{resource.get('id')}"] = resource
        if isinstance(full_url, str):
            self.by_address |= {full_url: resource, relative(full_url): resource}

    def _add_resource(self, value: dict[str, Any], name: str) -> set[str]:
        kind = RESOURCES.get(name)
        if kind is None:
            return set()
        try:
            resource = read(value, kind)
        except msgspec.ValidationError:
            return self._lost(name, name)
        if self._is_of_patient(resource):
            self.resources.setdefault(kind, []).append(resource)
        else:
            self.strangers += 1
        return set()

    def _is_of_patient(self, resource: Struct) -> bool:
        """A resource that names nobody is taken to be the patient's; one that names another is not."""
        subject = getattr(resource, "subject", None) or getattr(resource, "patient", None)
        named = subject.reference if subject else getattr(resource, "id", "")
        if not named or not self.patient:
            return True
        target = self.by_address.get(named, {}).get("id") or named
        return same_patient(str(target), self.patient)

    def close(self) -> None:
        """Say how many resources were left out."""
        if self.strangers:
            self.notes.add("other-patient", found=self.strangers)


def _goes_on(bundle: dict[str, Any], sent: int) -> bool:
    """Whether a bundle is only the first page of several."""
    links, total = bundle.get("link"), bundle.get("total")
    more = links if isinstance(links, list) else []
    following = any(isinstance(link, dict) and link.get("relation") == "next" for link in more)
    return following or (isinstance(total, int) and total > sent)


def _remarks(resource: Any) -> bool:
    """Whether it only tells how a search was understood: an outcome without a warning or an error."""
    if not isinstance(resource, dict) or resource.get("resourceType") != "OperationOutcome":
        return False
    issues = resource.get("issue")
    said = [issue.get("severity") for issue in issues if isinstance(issue, dict)] if isinstance(issues, list) else []
    return bool(said) and all(severity in ("information", "success") for severity in said)


def same_patient(reference: str, patient: str) -> bool:
    """Whether a reference in any form (Patient/1, an address, urn:uuid:..., 1) means that patient id."""
    return bare_id(reference) == bare_id(patient)


def relative(reference: str) -> str:
    """A reference as type and id, without its server and version."""
    return "/".join(reference.split("/_history/")[0].rstrip("/").rsplit("/", 2)[-2:])


def bare_id(reference: str) -> str:
    """The id in a reference, without its server, type and version."""
    return relative(reference).rsplit("/", 1)[-1].removeprefix("urn:uuid:")
