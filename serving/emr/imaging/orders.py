"""Imaging orders among the drafts: what is to be imaged, how, with or without contrast, on which side."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from cdss.serving.emr.fhir import care as fhir_care
from cdss.serving.emr.fhir import codes
from cdss.serving.emr.fhir.chart import Chart
from cdss.serving.emr.fhir.types import CodeableConcept
from cdss.serving.emr.lexicon import Lexicon

MODALITIES, REGIONS, CONTRAST, SIDES = (
    Lexicon(f"imaging/words/{name}.csv") for name in ("modalities", "regions", "contrast", "sides")
)
IMAGING = frozenset({"363679005", "imaging"})  # category: SNOMED CT, and what is written in words
IMAGED = frozenset({"CT", "MR"})  # only these may be made with contrast where the order says neither


@dataclass(frozen=True, slots=True)
class ImagingOrder:
    """One order. An empty `modality` could not be recognised; `contrast` None was not told. `raw` is the resource."""

    id: str
    request: fhir_care.ServiceRequest
    raw: dict[str, Any]
    modality: str
    regions: tuple[str, ...]
    contrast: bool | None
    side: str

    @property
    def words(self) -> str:
        """What it is called."""
        return self.request.code.words() or self.id

    @property
    def pelvis_in_field(self) -> bool | None:
        """Whether the uterus would lie in the field; None if no region was recognised."""
        fields = [row["name"] for row in REGIONS.rows if row["fetus"]]
        return any(region in fields for region in self.regions) if self.regions else None


def imaging_orders(drafts: Chart) -> Iterator[ImagingOrder]:
    """The draft orders for imaging; those for anything else are left to other services."""
    for number, request in enumerate(drafts.of(fhir_care.ServiceRequest)):
        if request.do_not_perform or request.status in codes.GONE:
            continue
        order = _order(number, request, drafts)
        if order.modality or IMAGING & _category(request):
            yield order


def _order(number: int, request: fhir_care.ServiceRequest, drafts: Chart) -> ImagingOrder:
    concepts = (request.code, *request.order_detail)
    modality = next(iter(found(MODALITIES, concepts)), "")
    return ImagingOrder(
        id=request.id or str(number + 1),
        request=request,
        raw=drafts.by_address.get(f"ServiceRequest/{request.id}", {}) if request.id else {},
        modality=modality,
        regions=found(REGIONS, (*request.body_site, *concepts)),
        contrast=_contrast(concepts, modality),
        side=next(iter(found(SIDES, (*request.body_site, *concepts))), ""),
    )


def found(words: Lexicon, concepts: Iterable[CodeableConcept]) -> tuple[str, ...]:
    """The names of a lexicon that concepts carry, by code and in words, in order."""
    names: dict[str, None] = {}
    for concept in concepts:
        names |= dict.fromkeys(words.codes[code]["name"] for code in _ordered(concept) if code in words.codes)
        names |= dict.fromkeys(words.names(text_of(concept)))
    return tuple(names)


def text_of(concept: CodeableConcept) -> str:
    """All words of a concept."""
    return " ; ".join(dict.fromkeys((concept.text, *(coding.display for coding in concept.coding))))


def _ordered(concept: CodeableConcept) -> tuple[str, ...]:
    return tuple(coding.code for coding in concept.coding)


def _contrast(concepts: Iterable[CodeableConcept], modality: str) -> bool | None:
    told = found(CONTRAST, concepts)
    if "yes" in told:
        return True
    return False if "no" in told or modality not in IMAGED else None


def _category(request: fhir_care.ServiceRequest) -> set[str]:
    return {word for concept in request.category for word in (*concept.codes(), concept.text.casefold())}
