"""Expressions as closures over a Scope. Conditions answer true, false or None for unknown, as all rules here do."""

from collections.abc import Callable

from cdss.rules.gdl2.compute import ARITHMETIC, COMPARISONS, FUNCTIONS, arithmetic, calculated, compared, is_a, number
from cdss.rules.gdl2.scope import Scope
from cdss.rules.gdl2.syntax import Binary, Call, Constant, Fired, Joined, Negation, Node, Variable
from cdss.rules.gdl2.values import Coded, Value
from cdss.rules.language.conditions import Kleene, both, either, negation

Term = Callable[[Scope], Value | None]
Condition = Callable[[Scope], Kleene]


def condition(node: Node) -> Condition:
    """The node as a condition; a value that is neither true nor false makes it unknown."""
    match node:
        case Joined(by, parts):
            conditions = [condition(part) for part in parts]
            return either(conditions) if by == "||" else both(conditions)
        case Negation(part):
            return negation(condition(part))
        case Fired(rule):
            return lambda scope: rule in scope.fired
        case Binary(operator) if operator in COMPARISONS or operator == "is_a":
            return _comparison(node)
    return _truth(term(node))


def term(node: Node) -> Term:
    """The node as a value."""
    match node:
        case Constant(value):
            return lambda _: value
        case Variable(code, attribute):
            return lambda scope: scope.read(code, attribute)
        case Call(function, arguments):
            return _call(function, [term(argument) for argument in arguments])
        case Binary(operator, left, right) if operator in ARITHMETIC:
            return _arithmetic(operator, term(left), term(right))
    return condition(node)


def _truth(of: Term) -> Condition:
    def truth(scope: Scope) -> Kleene:
        value = of(scope)
        return value if isinstance(value, bool) else None

    return truth


def _call(name: str, arguments: list[Term]) -> Term:
    function = FUNCTIONS[name]
    return lambda scope: calculated(function, *(number(argument(scope)) for argument in arguments))


def _arithmetic(sign: str, left: Term, right: Term) -> Term:
    return lambda scope: arithmetic(sign, left(scope), right(scope))


def _comparison(node: Binary) -> Condition:
    left, right, sign = term(node.left), term(node.right), node.operator
    if sign == "is_a":
        return _belongs(left, node.right)
    if node.right == Constant(None):
        return lambda scope: (left(scope) is None) == (sign == "==")
    if node.left == Constant(None):
        return lambda scope: (right(scope) is None) == (sign == "==")
    if isinstance(node.left, Variable) and sign in ("==", "!="):
        return _with_element(node.left.code, sign, left, right)
    return lambda scope: compared(sign, left(scope), right(scope))


def _with_element(code: str, sign: str, left: Term, right: Term) -> Condition:
    """An element the guideline has not set is different from everything; one nobody told is unknown."""

    def equal(scope: Scope) -> Kleene:
        return sign == "!=" if scope.not_set(code) else compared(sign, left(scope), right(scope))

    return equal


def _belongs(value: Term, group: Node) -> Condition:
    """`is_a local::gt0040|Platelets|`: one of the codes the guideline binds to gt0040, or below one of them."""
    name = group.value if isinstance(group, Constant) else None
    code = name.code if isinstance(name, Coded) else ""

    def belongs(scope: Scope) -> Kleene:
        found = value(scope)
        terminology = found.terminology if isinstance(found, Coded) else ""
        return is_a(found, scope.bindings.get((terminology, code), frozenset()))

    return belongs
