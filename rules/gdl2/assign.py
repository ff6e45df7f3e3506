"""What a `then` line does: set an element, an attribute of it, or fill a template."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import Any

from cdss.rules.gdl2.compiled import Term, term
from cdss.rules.gdl2.compute import number
from cdss.rules.gdl2.scope import Scope
from cdss.rules.gdl2.syntax import Statement, UseTemplate
from cdss.rules.gdl2.templates import filling
from cdss.rules.gdl2.values import Quantity, Value

Act = Callable[[Scope], None]


def act(
    statement: Statement, types: Mapping[str, str], quantities: Collection[str], templates: Mapping[str, Any]
) -> Act:
    """The statement as something that can be done. `quantities`: the elements the rule gives a unit or a precision."""
    if isinstance(statement, UseTemplate):
        return filling(statement, templates)
    code, attribute = statement.target.code, statement.target.attribute
    value = term(statement.value)
    match attribute:
        case "magnitude":
            return _magnitude(code, value, _is_quantity(code, types, quantities))
        case "unit" | "units":
            return _attribute(code, value, lambda quantity, told: replace(quantity, unit=str(told)))
        case "precision":
            return _attribute(
                code, value, lambda quantity, told: replace(quantity, precision=_whole(told)), precision=True
            )
    return _plain(code, value)


def _is_quantity(code: str, types: Mapping[str, str], quantities: Collection[str]) -> bool:
    return types.get(code) == "DV_QUANTITY" or code in quantities


def _whole(value: Value) -> int | None:
    told = number(value)
    return None if told is None else max(0, min(int(told), 15))


def _plain(code: str, value: Term) -> Act:
    def set_(scope: Scope) -> None:
        if (found := value(scope)) is not None:
            scope.write(code, found)

    return set_


def _magnitude(code: str, value: Term, is_quantity: bool) -> Act:
    """A quantity keeps its unit, told before or after; any other element becomes a count, which is whole."""

    def set_(scope: Scope) -> None:
        found, before = number(value(scope)), scope.last(code) or scope.drafts.pop(code, None)
        if found is None:
            return
        if isinstance(before, Quantity):
            scope.write(code, _rounded(replace(before, magnitude=found), scope, code))
        else:
            scope.write(code, Quantity(found) if is_quantity else float(int(found)))

    return set_


def _attribute(code: str, value: Term, change: Callable[[Quantity, Value], Quantity], precision: bool = False) -> Act:
    def set_(scope: Scope) -> None:
        told, before = value(scope), scope.last(code)
        if told is None:
            return
        if precision:
            scope.precise.add(code)
        if before is None:
            scope.drafts[code] = change(scope.drafts.get(code, Quantity(0.0)), told)
            return
        quantity = before if isinstance(before, Quantity) else Quantity(number(before) or 0.0)
        scope.write(code, _rounded(change(quantity, told), scope, code))

    return set_


def _rounded(quantity: Quantity, scope: Scope, code: str) -> Quantity:
    """As precise as the guideline asks in so many words, halves to the even digit; later rules see it so."""
    if quantity.precision is None or code not in scope.precise:
        return quantity
    return replace(quantity, magnitude=round(quantity.magnitude, quantity.precision))
