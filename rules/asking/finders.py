"""How each kind of fact in a rule file is found in the facts of a request."""

from collections.abc import Callable, Iterable
from functools import lru_cache

import msgspec

from cdss.rules.asking.context import Context, Taken
from cdss.rules.asking.dose_facts import MEASURES, dose_finder
from cdss.rules.asking.found import UNKNOWN, Finder, Found, untranslated
from cdss.rules.facts import Allergy, Drug, Order
from cdss.rules.language.conditions import like
from cdss.rules.language.rule import SAME_INGREDIENT, Fact
from cdss.rules.language.settings import SettingError, Settings
from cdss.rules.terms.units import NotConvertible, UnknownUnit, canonical, convert

NONE = Found(False)

SUBSTANCE = 7  # characters of an ATC code of level 5


def finder(fact: Fact, ordering: tuple[str, ...], settings: Settings) -> Finder:
    """The function that finds this fact, in a rule about orders under the codes `ordering`, at a site so set.

    SettingError if it is a setting that does not exist.
    """
    if fact.setting is not None:
        return _setting(fact.setting, settings)
    if fact.order in MEASURES:
        return dose_finder(fact, ordering)
    return _shared(type(fact), msgspec.json.encode(fact))


@lru_cache(maxsize=8192)
def _shared(kind: type[Fact], written: bytes) -> Finder:
    """One finder for the same fact of all rules, so that it is found once a patient."""
    fact = msgspec.json.decode(written, type=kind)
    return FINDERS[fact.kind()](fact)


def _loinc(fact: Fact) -> Finder:
    codes, unit = tuple(fact.loinc or ()), canonical(fact.unit)

    def find(context: Context) -> Found:
        observation = context.latest(codes, fact.max_age_days)
        if observation is None:
            return UNKNOWN
        day = observation.day.isoformat() if observation.day else None
        try:
            value = convert(observation.value, observation.unit, unit, observation.loinc)
        except (UnknownUnit, NotConvertible) as e:
            return Found(None, unit, day, fault=untranslated(e))
        return Found(like(observation.value, value), unit, day, computed_by=observation.derived_from)

    return _once_a_patient(find)


def _icd10(fact: Fact) -> Finder:
    prefixes, names = tuple(fact.icd10 or ()), frozenset(name.casefold() for name in fact.names)

    def find(context: Context) -> Found:
        if context.patient.conditions is None:
            return UNKNOWN
        matching = [
            condition.name or condition.code
            for condition in context.patient.conditions
            if (condition.system == "ICD-10" and condition.code.startswith(prefixes))
            or condition.name.strip().casefold() in names
        ]
        return _listed(context, "conditions", matching)

    return _once_a_patient(find)


def _taking(fact: Fact) -> Finder:
    prefixes, routes = tuple(fact.taking or ()), frozenset(fact.routes)

    def find(context: Context, order: Order | None) -> Found:
        if fact.renewed and order is not None and (renewed := _renewal(context, order)).value:
            return renewed
        matching = context.under(prefixes, fact.local)
        if order is not None and matching and not fact.same:
            ids = {ingredient.id for ingredient in order.drug.ingredients}
            matching = [taken for taken in matching if not ids or {i.id for i in taken.drug.ingredients} != ids]
        return _medicines(context, order, matching, routes)

    return find


def _duplicate(fact: Fact) -> Finder:
    if fact.duplicate == "renewal":
        return _renewal
    same = _same_ingredient if fact.duplicate == "ingredient" else _same_class

    def find(context: Context, order: Order | None) -> Found:
        return UNKNOWN if order is None else _medicines(context, order, same(context, order.drug))

    return find


def _renewal(context: Context, order: Order | None) -> Found:
    if order is None or context.patient.medications is None:
        return UNKNOWN
    renewed = context.renewed.get(order.id, ())
    return _listed(context, "medications", dict.fromkeys(one.drug.text for one in renewed))


def _listed(context: Context, name: str, matching: Iterable[str]) -> Found:
    """True with what matches in a list of the patient; where nothing does, false only if the list came whole."""
    others = tuple(matching)
    return Found(True, others=others) if others else NONE if context.patient.whole(name) else UNKNOWN


def _same_ingredient(context: Context, drug: Drug) -> list[Taken]:
    """An ingredient shared, acting in the same place: tablets and eye drops of one antibiotic are no duplicates."""
    sharing = context.containing(ingredient.id for ingredient in drug.ingredients)
    return [taken for taken in sharing if _same_place(drug, taken.drug)]


def _same_place(drug: Drug, other: Drug) -> bool:
    """Both on the whole body, or both locally under the same ATC codes."""
    return drug.systemic == other.systemic and (drug.systemic or {*drug.atc} == {*other.atc})


def _same_class(context: Context, drug: Drug) -> list[Taken]:
    """ATC level 4 shared, between different substances, both acting systemically."""
    if not drug.systemic:
        return []
    ids = {ingredient.id for ingredient in drug.ingredients}
    together = context.under(dict.fromkeys(code[:5] for code in drug.atc if len(code) >= 5))
    return [taken for taken in together if ids.isdisjoint(i.id for i in taken.drug.ingredients)]


def _medicines(
    context: Context, order: Order | None, matching: list[Taken], routes: frozenset[str] = frozenset()
) -> Found:
    """True with the medicines that match beside the order itself; unknown if none does and something was not told."""
    beside = [taken for taken in matching if order is None or taken.order != order.id]
    sure = [taken for taken in beside if taken.prescription.route in routes] if routes else beside
    if sure:
        return Found(True, others=tuple(t.drug.text for t in sure), orders=tuple(_ids(sure)))
    untold = not context.patient.whole("medications") or any(taken.prescription.route is None for taken in beside)
    return UNKNOWN if untold else NONE


def _ids(medicines: list[Taken]) -> list[str]:
    return [taken.order for taken in medicines if taken.order is not None]


def _allergy(fact: Fact) -> Finder:
    wanted = () if isinstance(fact.allergy, str) else tuple(fact.allergy or ())
    names = tuple(name.casefold() for name in fact.names)

    def find(context: Context, order: Order | None) -> Found:
        allergies = context.patient.allergies
        if allergies is None:
            return UNKNOWN
        ids = {i.id for i in order.drug.ingredients} if order and fact.allergy == SAME_INGREDIENT else set()
        if order and fact.allergy == SAME_INGREDIENT and not ids and any(a.drug for a in allergies):
            return UNKNOWN  # of the order only a class is known
        matching = [
            a.text for a in allergies if (_contains(a.drug, ids) if ids and a.drug else _allergic_to(a, wanted, names))
        ]
        if not matching and any(_under(wanted, allergy.atc) for allergy in allergies):
            return UNKNOWN  # a class was told, the rule asks for a substance in it
        return _listed(context, "allergies", matching)

    return find


def _contains(drug: Drug, ids: set[str]) -> bool:
    return not ids.isdisjoint(ingredient.id for ingredient in drug.ingredients)


def _allergic_to(allergy: Allergy, wanted: tuple[str, ...], names: tuple[str, ...]) -> bool:
    """An allergy to a class is one to every class within it, not to every substance."""
    codes = (*allergy.atc, *(allergy.drug.atc if allergy.drug else ()))
    within = tuple(code for code in wanted if len(code) < SUBSTANCE and code.startswith(allergy.atc))
    return _under(codes, wanted) or bool(within) or any(name in allergy.text.casefold() for name in names)


def _under(codes: tuple[str, ...], prefixes: tuple[str, ...]) -> bool:
    return any(code.startswith(prefixes) for code in codes) if prefixes else False


def _patient(fact: Fact) -> Finder:
    name, unit = fact.patient, fact.unit

    def find(context: Context) -> Found:
        patient = context.patient
        if name == "age":
            born = patient.birth_date
            return Found(context.age(unit or "a"), unit or "a", born.isoformat() if born else None)
        if name == "weight":
            return Found(patient.weight_kg, "kg")
        if name == "sex":
            return Found(patient.sex)
        value = patient.pregnant if name == "pregnant" else patient.breastfeeding
        return Found(False if value is None and patient.sex == "male" else value)

    return _once_a_patient(find)


def _order(fact: Fact) -> Finder:
    name = fact.order or ""

    def find(_: Context, order: Order | None) -> Found:
        return UNKNOWN if order is None else Found(getattr(order, name), fact.unit)

    return find


def _setting(name: str, settings: Settings) -> Finder:
    if name not in settings:
        raise SettingError(f"found setting {name!r}, expected one of {', '.join(sorted(settings))}")
    found = Found(settings[name].value, settings[name].unit)
    return lambda _, __: found


def _indication(fact: Fact) -> Finder:
    prefixes = tuple(fact.indication or ())

    def find(_: Context, order: Order | None) -> Found:
        if order is None or order.indication is None or order.indication.system != "ICD-10":
            return UNKNOWN
        return Found(order.indication.code.startswith(prefixes))

    return find


def _given(fact: Fact) -> Finder:
    name, unit = fact.given or "", fact.unit

    def find(context: Context) -> Found:
        given = context.facts.given.get(name)
        if given is None:
            return UNKNOWN
        if not unit or isinstance(given.value, str | bool):
            return Found(given.value, given.unit)
        try:
            return Found(convert(given.value, given.unit, unit), unit)
        except (UnknownUnit, NotConvertible) as e:
            return Found(None, unit, fault=untranslated(e))

    return _once_a_patient(find)


def _once_a_patient(find: Callable[[Context], Found]) -> Finder:
    """The same answer for every order of a request, found once."""
    key = id(find)

    def cached(context: Context, _: Order | None) -> Found:
        found = context.found.get(key)
        if found is None:
            found = context.found[key] = find(context)
        return found

    return cached


FINDERS: dict[str, Callable[[Fact], Finder]] = {
    "loinc": _loinc, "icd10": _icd10, "taking": _taking, "allergy": _allergy, "patient": _patient, "order": _order,
    "duplicate": _duplicate, "indication": _indication, "given": _given,
}  # fmt: skip
