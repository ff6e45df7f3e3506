"""The simple order as the engine's facts."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date

from cdss.rules.facts import Allergy, Drug, Facts, Medication, Order, Patient, Quantity, Sex
from cdss.rules.pack import Pack
from cdss.rules.terms.diagnoses import in_icd10
from cdss.rules.terms.dose_text import Dosage
from cdss.rules.terms.order_words import method, route
from cdss.serving.emr.asked import Asked, Notes, birth_date, conditions, dose, frequency, observation, weight
from cdss.serving.emr.order_ids import numbered
from cdss.serving.emr.patient.allergies import with_diagnosed_allergies
from cdss.serving.emr.patient.derived import derived
from cdss.serving.emr.says import refusal
from cdss.serving.emr.simple import types as simple
from cdss.serving.emr.simple.codes import coded

SEXES: dict[str, Sex] = {"male": "male", "m": "male", "男": "male", "1": "male",
                         "female": "female", "f": "female", "女": "female", "2": "female"}  # fmt: skip
MOST_ORDERS = 2000


def asked(request: simple.OrderRequest, unread: list[str], pack: Pack, today: date) -> Asked:
    """The facts of a request; `unread` are members of it that the contract does not know."""
    notes = Notes()
    for pointer in unread:
        notes.add("member-unknown", found=pointer)
    day = request.date or today
    patient = derived(_patient(request.patient, pack, day, notes), day, notes)
    return Asked(Facts(patient, _orders(request, pack, notes), day), notes)


def _patient(person: simple.Person, pack: Pack, day: date, notes: Notes) -> Patient:
    seen = (observation(o.loinc, o.value, o.unit, o.date, notes) for o in person.observations)
    listed = Patient(
        id=person.id,
        birth_date=birth_date(person.birth_date, day, notes),
        sex=_sex(person.sex, notes),
        weight_kg=weight(person.weight_kg, notes),
        pregnant=person.pregnant,
        breastfeeding=person.breastfeeding,
        allergies=None if person.allergies is None else tuple(_allergies(person.allergies, pack)),
        conditions=None if person.conditions is None else conditions(map(coded, person.conditions), notes),
        observations=tuple(o for o in seen if o is not None),
        medications=None if person.medications is None else tuple(_taken(m, pack, notes) for m in person.medications),
    )
    return with_diagnosed_allergies(listed, pack)


def _sex(word: str | None, notes: Notes) -> Sex | None:
    if word is None:
        return None
    found = SEXES.get(word.strip().casefold())
    if found is None:
        notes.add("sex-unknown")
    return found


def _allergies(named: Iterable[simple.Named], pack: Pack) -> Iterator[Allergy]:
    for one in named:
        yield from pack.formulary.allergies(text=one.name or "", atc=one.atc or "", rxnorm=one.rxnorm or "")


def _taken(taken: simple.Taken, pack: Pack, notes: Notes) -> Medication:
    told = _told(taken, "", notes)
    return Medication(_drug(taken, pack, told.route), told.dose, told.times_a_day, told.route, told.daily)


def _told(sent: simple.Taken | simple.Prescription, order: str, notes: Notes) -> Dosage:
    """Dose, frequency and route; what has no field of its own may stand in the words of the frequency."""
    words = frequency(sent.frequency, order, notes)
    amount = Quantity(sent.dose.value, sent.dose.unit) if sent.dose else None
    return replace(
        words,
        dose=dose(amount, order, notes) if amount else words.dose,
        route=_route(sent.route, order, notes) if sent.route else words.route,
        daily=None if amount else words.daily,
    )


def _route(words: str, order: str, notes: Notes) -> str | None:
    found = route(words)
    if found is None:
        notes.add("route-unknown", (order,) if order else ())
    return found


def _orders(request: simple.OrderRequest, pack: Pack, notes: Notes) -> tuple[Order, ...]:
    if not request.orders:
        raise refusal("no-orders", "/orders")
    if len(request.orders) > MOST_ORDERS:
        raise refusal("too-many-orders", "/orders", found=len(request.orders), limit=MOST_ORDERS)
    for number, prescription in enumerate(request.orders):
        _refuse_impossible(f"/orders/{number}", prescription)
    ids = numbered(prescription.id for prescription in request.orders)
    if len(set(ids)) < len(ids):
        raise refusal("order-id-twice", "/orders")
    return tuple(_order(id, p, pack, notes) for id, p in zip(ids, request.orders, strict=True))


def _order(id: str, prescription: simple.Prescription, pack: Pack, notes: Notes) -> Order:
    told = _told(prescription, id, notes)
    return Order(
        id=id,
        drug=_drug(prescription.drug, pack, told.route),
        dose=told.dose,
        times_a_day=told.times_a_day,
        route=told.route,
        duration_days=prescription.duration_days,
        indication=in_icd10(coded(prescription.indication)) if prescription.indication else None,
        daily=told.daily,
        method=method(f"{prescription.route or ''} {prescription.frequency or ''}"),
    )


def _refuse_impossible(at: str, prescription: simple.Prescription) -> None:
    drug, amount, days = prescription.drug, prescription.dose, prescription.duration_days
    if not any((drug.name, drug.atc, drug.nhsa, drug.rxnorm)):
        raise refusal("no-drug", f"{at}/drug")
    if amount and amount.value < 0:
        raise refusal("dose-negative", f"{at}/dose/value", found=f"{amount.value:g}")
    if days is not None and days <= 0:
        raise refusal("duration-negative", f"{at}/duration_days", found=f"{days:g}")


def _drug(named: simple.Named, pack: Pack, way: str | None) -> Drug:
    return pack.formulary.resolve(name=named.name, atc=named.atc, nhsa=named.nhsa, rxnorm=named.rxnorm, route=way)
