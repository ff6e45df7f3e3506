"""From what the identifiers say to the medicine: ingredients, where it acts, and the codes that fit."""

from dataclasses import dataclass

from cdss.rules.alert import Text
from cdss.rules.drugs.forms import LOCAL_KINDS, ROUTES, SYSTEMIC, Forms, fitting, is_local, local_code
from cdss.rules.drugs.identifiers import Reading
from cdss.rules.drugs.tables import Entry
from cdss.rules.facts import Drug

LEVEL_5 = 7  # characters


@dataclass(frozen=True, slots=True)
class Place:
    """Where a medicine is put: a site of forms.py; `told` if a route or a form says so, else it is only supposed."""

    site: str
    told: bool


def where(forms: Forms, folded: str, route: str | None, readings: list[Reading]) -> Place:
    """The route decides; without one the form in the name; without that the product, as it is usually used."""
    if route is not None:
        return Place(ROUTES.get(route, SYSTEMIC), True)
    if site := forms.site(folded):
        return Place(site, True)
    kinds = {reading.meaning.kind for reading in readings if reading.meaning}
    return Place("inhaled" if "inhaled" in kinds else SYSTEMIC, False)


def described(
    text: str, readings: list[Reading], entries: dict[str, Entry], place: Place, conflicts: tuple[Text, ...]
) -> Drug:
    """The medicine as the first reading with ingredients has it; without one a class only, or nothing."""
    decided = next((reading for reading in readings if reading.meaning), None)
    if decided is None or decided.meaning is None:
        codes = tuple(dict.fromkeys(code for reading in readings for code in reading.codes))
        return Drug(text, (), codes, not _only_local(codes, place), conflicts)
    ingredients = tuple(entries[id].ingredient for id in decided.meaning.ingredients)
    every = tuple(code for ingredient in ingredients for code in ingredient.atc)
    local = _local(place, decided, every)
    own = tuple(code for ingredient in ingredients for code in fitting(place.site, local, ingredient.atc))
    return Drug(
        text,
        ingredients,
        _codes(decided, readings, own),
        not local,
        conflicts,
        mixture=len(ingredients) > 1 or decided.meaning.kind == "tcm",
    )


def _local(place: Place, decided: Reading, every: tuple[str, ...]) -> bool:
    if is_local(place.site, every):
        return True
    if place.told:
        return False
    kind = decided.meaning.kind if decided.meaning else ""
    return kind in LOCAL_KINDS or _only_local(decided.codes, place)


def _only_local(codes: tuple[str, ...], place: Place) -> bool:
    """Whether the codes given all mean local forms, and nobody told us another route."""
    return bool(codes) and all(map(local_code, codes)) and (not place.told or place.site != SYSTEMIC)


def _codes(decided: Reading, readings: list[Reading], own: tuple[str, ...]) -> tuple[str, ...]:
    """The codes given; a combination's own and those of its parts; else those of the ingredients that fit.

    A class told beside the name narrows them (aspirin with NHSA XB01AC... is B01AC06, not N02BA01).
    """
    assert decided.meaning
    if len(decided.meaning.ingredients) > 1:
        return tuple(dict.fromkeys((*((decided.meaning.atc,) if decided.meaning.atc else ()), *own)))
    if any(len(code) == LEVEL_5 for code in decided.codes):
        return decided.codes
    told = tuple(code for reading in readings for code in reading.codes)
    narrowed = tuple(code for code in own if code.startswith(told)) if told else ()
    return narrowed or tuple(dict.fromkeys((*own, *(code for code in told if len(code) == LEVEL_5))))
