"""What the knowledge holds about a drug: what `cdss rules search` prints."""

from typing import Any

from cdss.rules.compiled import CompiledRule
from cdss.rules.pack import Pack

Rows = list[dict[str, Any]]


def everything_about(pack: Pack, text: str) -> dict[str, Rows]:
    """Drugs, rules and interactions that a name, an ATC code or words of a title mean."""
    drugs = pack.formulary.search(text)
    codes = {code for drug in drugs for code in drug.atc}
    rules = {id: c for id, c in pack.rules.items() if _is_about(c, codes, text)}
    interactions = [
        {
            "with": drug_words(pack, other),
            "severity": worst.severity,
            "at_worst": pack.interactions.at_worst(drug.id, other),
            "rule": worst.rule,
        }
        for drug in drugs[:1]
        for other, worst in pack.interactions.of(drug.id)
    ]
    return {
        "drugs": [{"id": drug.id, "zh": drug.zh, "atc": " ".join(drug.atc)} for drug in drugs],
        "rules": [
            {"id": id, "kind": c.rule.kind, "zh": c.rule.title.zh, "en": c.rule.title.en} for id, c in rules.items()
        ],
        "interactions": interactions,
    }


def drug_words(pack: Pack, id: str) -> str:
    """An ingredient in both languages."""
    ingredient = pack.formulary.ingredient(id)
    return f"{ingredient.zh} {ingredient.en}".strip()


def _is_about(compiled: CompiledRule, codes: set[str], text: str) -> bool:
    ordering = compiled.rule.when.ordering
    prefixes = tuple(ordering) if isinstance(ordering, list) else ()
    named = text.casefold() in f"{compiled.rule.id} {compiled.rule.title.zh} {compiled.rule.title.en}".casefold()
    return named or any(code.startswith(prefixes) for code in codes if prefixes)
