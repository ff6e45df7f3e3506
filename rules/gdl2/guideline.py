"""A GDL2 file as this engine runs it: elements, rules, templates, words and bound codes, all checked when read."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cdss.rules.gdl2.assign import Act, act
from cdss.rules.gdl2.compiled import Condition, condition
from cdss.rules.gdl2.parser import expression, statement
from cdss.rules.gdl2.predicates import Predicate, predicate
from cdss.rules.gdl2.scope import Codes
from cdss.rules.gdl2.syntax import Assignment, SyntaxFault
from cdss.rules.gdl2.templates import checked

MAX_BYTES, MAX_RULES, MAX_LINES = 2 * 1024 * 1024, 5_000, 20_000


class GuidelineFault(ValueError):
    """The file is not a guideline this engine can run; says where and why."""


@dataclass(frozen=True, slots=True)
class Element:
    """One value of a model. `data_type` is empty where the guideline does not say."""

    code: str
    path: str
    data_type: str = ""


@dataclass(frozen=True, slots=True)
class Binding:
    """The elements of one archetype that are read (INPUT) or set (OUTPUT), and which instances of it count."""

    model: str
    output: bool
    elements: tuple[Element, ...]
    predicates: tuple[Predicate, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """What is done (`then`) where all of `when` holds. `cards` are CDS Hooks cards as the guideline wrote them."""

    id: str
    priority: int
    when: tuple[tuple[str, Condition], ...]
    then: tuple[Act, ...]
    cards: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Guideline:
    """`rules` stand in the order they are asked. `terms`: code -> words in the original language."""

    id: str
    language: str
    bindings: tuple[Binding, ...]
    before: tuple[tuple[str, Condition], ...]
    defaults: tuple[Act, ...]
    rules: tuple[Rule, ...]
    terms: Mapping[str, str]
    codes: Mapping[tuple[str, str], Codes]
    references: str = ""
    types: Mapping[str, str] = field(default_factory=dict)

    @property
    def elements(self) -> dict[str, Element]:
        """All elements by code."""
        return {element.code: element for binding in self.bindings for element in binding.elements}


def read(text: str) -> Guideline:
    """The guideline in a JSON text. GuidelineFault where it is none, or uses what this engine does not run."""
    if len(text.encode()) > MAX_BYTES:
        raise GuidelineFault(f"found {len(text.encode())} bytes, expected at most {MAX_BYTES}")
    try:
        return _guideline(json.loads(text))
    except RecursionError as e:
        raise GuidelineFault("found values nested deeper than any guideline goes") from e
    except json.JSONDecodeError as e:
        raise GuidelineFault(f"line {e.lineno}: not JSON: {e.msg}") from e
    except (KeyError, TypeError, AttributeError, ValueError, OverflowError) as e:
        raise GuidelineFault(str(e) if isinstance(e, ValueError) else f"not a GDL2 guideline: {e!r}") from e


def _guideline(raw: dict[str, Any]) -> Guideline:
    definition, ontology = raw["definition"], raw.get("ontology") or {}
    language = str((raw.get("language") or {}).get("original_language", "en")).rpartition("::")[2]
    bindings = tuple(_binding(one) for one in (definition.get("data_bindings") or {}).values())
    types = {element.code: element.data_type for binding in bindings for element in binding.elements}
    templates = {id: checked(one, f"template {id}") for id, one in (definition.get("templates") or {}).items()}
    rules = [_rule(one, types, templates) for one in (definition.get("rules") or {}).values()]
    if len(rules) > MAX_RULES:
        raise GuidelineFault(f"found {len(rules)} rules, expected at most {MAX_RULES}")
    description = raw.get("description") or {}
    return Guideline(
        id=str(raw["id"]),
        language=language,
        bindings=bindings,
        before=_conditions("pre_conditions", definition.get("pre_conditions")),
        defaults=_acts("default_actions", definition.get("default_actions"), types, templates),
        rules=tuple(sorted(rules, key=lambda rule: -rule.priority)),
        terms=_terms(ontology, language),
        codes=_codes(ontology),
        references=str((description.get("other_details") or {}).get("references", "")),
        types=types,
    )


def _binding(raw: dict[str, Any]) -> Binding:
    elements = tuple(
        Element(code, str(one.get("path", "")), str(one.get("data_type") or ""))
        for code, one in (raw.get("elements") or {}).items()
    )
    return Binding(
        str(raw.get("model_id", "")),
        raw.get("type") == "OUTPUT",
        elements,
        tuple(predicate(text) for text in _lines("predicates", raw.get("predicates"))),
    )


def _rule(raw: dict[str, Any], types: Mapping[str, str], templates: Mapping[str, Any]) -> Rule:
    id = str(raw["id"])
    return Rule(
        id,
        int(raw.get("priority") or 0),
        _conditions(f"rule {id}, when", raw.get("when")),
        _acts(f"rule {id}, then", raw.get("then"), types, templates),
        tuple(checked(card, f"rule {id}, cards") for card in raw.get("cards") or ()),
    )


def _lines(place: str, raw: Iterable[Any] | None) -> list[str]:
    found = list(raw or ())
    if len(found) > MAX_LINES or not all(isinstance(line, str) for line in found):
        raise GuidelineFault(f"{place}: expected a list of at most {MAX_LINES} texts")
    return [line for line in found if line.strip()]


def _conditions(place: str, raw: Iterable[Any] | None) -> tuple[tuple[str, Condition], ...]:
    try:
        return tuple((line, condition(expression(line))) for line in _lines(place, raw))
    except SyntaxFault as e:
        raise GuidelineFault(f"{place}: {e}") from e


def _acts(
    place: str, raw: Iterable[Any] | None, types: Mapping[str, str], templates: Mapping[str, Any]
) -> tuple[Act, ...]:
    try:
        statements = [one for line in _lines(place, raw) for one in statement(line)]
    except SyntaxFault as e:
        raise GuidelineFault(f"{place}: {e}") from e
    quantities = {
        one.target.code
        for one in statements
        if isinstance(one, Assignment) and one.target.attribute in ("unit", "units", "precision")
    }
    return tuple(act(one, types, quantities, templates) for one in statements)


def _terms(ontology: dict[str, Any], language: str) -> dict[str, str]:
    definitions = ontology.get("term_definitions") or {}
    chosen: dict[str, Any] = definitions.get(language) or next(iter(definitions.values()), {})
    return {code: str(term.get("text", "")) for code, term in (chosen.get("terms") or {}).items()}


def _codes(ontology: dict[str, Any]) -> dict[tuple[str, str], Codes]:
    """(terminology, local code) -> the codes bound to it."""
    found = {}
    for terminology, one in (ontology.get("term_bindings") or {}).items():
        for local, bound in (one.get("bindings") or {}).items():
            codes = (str(code).strip("[]").partition("::") for code in bound.get("codes") or ())
            found[terminology, local] = frozenset((before, after) for before, _, after in codes)
    return found
