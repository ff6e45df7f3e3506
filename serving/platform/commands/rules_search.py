"""What the knowledge holds about a drug: what `cdss rules search` prints."""

from collections.abc import Iterable
from typing import Any

from cdss.rules.alert import SEVERITIES
from cdss.rules.asking.compiled import CompiledRule
from cdss.rules.drugs.names import Meaning
from cdss.rules.drugs.text import fold
from cdss.rules.facts import Ingredient, Strength
from cdss.rules.pack import Pack

Rows = list[dict[str, Any]]
MOST_DRUGS = 50


def everything_about(pack: Pack, text: str) -> dict[str, Rows]:
    """Drugs, classes, products, rules and interactions that a name, a product, an ATC code or words of a title mean.

    A name or product that is understood means its ingredients alone; else all whose names or codes hold the text.
    """
    named = pack.formulary.resolve(name=text).ingredients
    drugs = named or pack.formulary.search(text, MOST_DRUGS)
    codes = tuple(code for drug in drugs for code in drug.atc)
    return {
        "drugs": [_drug(pack, drug) for drug in drugs],
        "classes": _classes(pack, codes),
        "products": _products(pack, {drug.id for drug in (named or drugs[:1])}),
        "rules": list(_rules(pack, codes, text)),
        "interactions": _interactions(pack, named or drugs[:1]),
    }


def _drug(pack: Pack, drug: Ingredient) -> dict[str, str]:
    others = [name for name in pack.formulary.entries[drug.id].names if name not in (drug.id, drug.zh)]
    return {"id": drug.id, "zh": drug.zh, "atc": " ".join(drug.atc), "other_names": ", ".join(others)}


def _classes(pack: Pack, codes: tuple[str, ...]) -> Rows:
    """Classes by the names that allergies use, one row a class."""
    found: dict[tuple[str, ...], list[str]] = {}
    for name, prefixes in pack.formulary.classes.items():
        if any(code.startswith(prefixes) for code in codes):
            found.setdefault(prefixes, []).append(name)
    return [{"names": ", ".join(names), "atc": " ".join(prefixes)} for prefixes, names in found.items()]


def _products(pack: Pack, ids: set[str]) -> Rows:
    """Combinations, brands of them and traditional medicines that contain one of the ingredients."""
    found: dict[Meaning, list[str]] = {}
    for name, meaning in pack.formulary.names.meanings.items():
        if meaning.kind and not ids.isdisjoint(meaning.ingredients):
            found.setdefault(meaning, []).append(name)
    return [
        {
            "names": ", ".join(names),
            "ingredients": " + ".join(meaning.ingredients),
            "atc": meaning.atc,
            "contents": _contents(pack, names),
        }
        for meaning, names in found.items()
    ]


def _contents(pack: Pack, names: Iterable[str]) -> str:
    held = next((pack.formulary.contents[name] for name in names if name in pack.formulary.contents), ())
    return " + ".join(map(_strength, held))


def _strength(one: Strength) -> str:
    per = one.piece or f"{one.millilitres:g} mL"
    return f"{one.ingredient} {one.amount.value:g} {one.amount.unit}/{per}"


def _rules(pack: Pack, codes: tuple[str, ...], text: str) -> Iterable[dict[str, str]]:
    """Rules asked when it is ordered, those that ask whether it is taken or an allergy to it, and those named so."""
    words = fold(text)
    for id, compiled in pack.rules.items():
        rule = compiled.rule
        about = _about(compiled, codes)
        if about is None and words and words in fold(f"{id} {rule.title.zh} {rule.title.en}"):
            about = "title"
        if about is not None:
            worst = min((alert.severity for alert in rule.alerts), key=SEVERITIES.index)
            yield {
                "id": id,
                "kind": rule.kind,
                "about": about,
                "worst": worst,
                "zh": rule.title.zh,
                "en": rule.title.en,
            }


def _about(compiled: CompiledRule, codes: tuple[str, ...]) -> str | None:
    rule = compiled.rule
    if isinstance(rule.when.ordering, list) and _under(codes, rule.when.ordering):
        return "ordered"
    for fact in rule.facts.values():
        if fact.taking and _under(codes, fact.taking):
            return "taken"
        if isinstance(fact.allergy, list) and _under(codes, fact.allergy):
            return "allergy"
    return None


def _under(codes: tuple[str, ...], prefixes: list[str]) -> bool:
    return any(code.startswith(tuple(prefixes)) for code in codes) if prefixes else False


def _interactions(pack: Pack, drugs: tuple[Ingredient, ...]) -> Rows:
    """The worst that is said of each pair, worst first; `of` only where several ingredients were meant."""
    return [
        ({"of": drug_words(pack, drug.id)} if len(drugs) > 1 else {})
        | {
            "with": drug_words(pack, other),
            "severity": found.severity,
            "at_worst": pack.interactions.at_worst(drug.id, other),
            "rule": found.rule,
        }
        for drug in drugs
        for other, found in pack.interactions.of(drug.id)
    ]


def drug_words(pack: Pack, id: str) -> str:
    """An ingredient in both languages."""
    ingredient = pack.formulary.ingredient(id)
    return f"{ingredient.zh} {ingredient.en}".strip()
