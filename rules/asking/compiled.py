"""A rule made ready to run: facts as finders, conditions as closures, limits by the day."""

from datetime import date

import msgspec

from cdss.rules.alert import Alert, Text, Traced, Truth, Unknown
from cdss.rules.asking.context import Context
from cdss.rules.asking.finders import finder
from cdss.rules.asking.found import UNKNOWN, Finder, Found
from cdss.rules.asking.missing import missing
from cdss.rules.asking.quick import Quick, quick
from cdss.rules.asking.words import SIGNS, drug_name, fill, placeholders, shown
from cdss.rules.facts import Order
from cdss.rules.language.condition_tree import Both, Either
from cdss.rules.language.conditions import PARTIAL, Check, Kleene, Value
from cdss.rules.language.expression import Expression, ExpressionError, parse
from cdss.rules.language.read import RuleError
from cdss.rules.language.rule import ANY, Rule, RuleAlert
from cdss.rules.language.settings import SettingError, Settings

TRUTHS: dict[Kleene, Truth] = {True: "true", False: "false", None: "unknown"}


class Verdict(msgspec.Struct, frozen=True):
    """What one rule says of one order: an alert, or what it could not know, or both, or neither.

    `answer` is which of the rule's alerts it is, the first is 1; 0 if none.
    """

    alert: Alert | None = None
    answer: int = 0
    unknown: Unknown | None = None
    faults: tuple[Text, ...] = ()


SILENT = Verdict()


class Answer:
    """One possible answer of a rule: its texts, and the names in braces that they fill."""

    __slots__ = ("action", "alert", "detail", "names", "summary")

    def __init__(self, alert: RuleAlert) -> None:
        self.alert = alert
        self.summary, self.detail, self.action = Text(alert.zh, alert.en), alert.detail, alert.action
        self.names = frozenset().union(*map(placeholders, (self.summary, self.detail, self.action)))


class CompiledRule:
    """A rule that can be asked. Raises RuleError at once if a condition cannot be parsed or names nothing known."""

    def __init__(self, rule: Rule, settings: Settings | None = None) -> None:
        self.rule = rule
        self.settings = settings or {}
        self.sources = tuple(rule.sources)
        self.finders = self._finders()
        self.applies = self._condition(rule.applies) if rule.applies else None
        self.answers = [(self._condition(alert.condition), Answer(alert)) for alert in rule.alerts]
        self.could_speak = self._quickly()
        self._limits: tuple[date, dict[str, float | None]] = (date.min, {})

    def limits_on(self, day: date) -> dict[str, float | None]:
        """The numbers in force on a day; None for one that did not exist yet."""
        known, limits = self._limits
        if known is not day:  # the days of one request are one object: looking is cheaper than comparing
            if known != day:
                limits = {name: in_force(dated, day) for name, dated in self.rule.limits.items()}
            self._limits = (day, limits)
        return limits

    def _finders(self) -> dict[str, Finder]:
        ordering = self.rule.when.ordering
        codes = () if ordering == ANY else tuple(ordering or ())
        try:
            return {name: finder(fact, codes, self.settings) for name, fact in self.rule.facts.items()}
        except SettingError as e:
            raise RuleError(f"{self.rule.id}: {e}") from e

    def _quickly(self) -> Quick:
        """False where it is certain that the rule is silent and lacks nothing: asked without a trace."""
        answers = Either(tuple(condition.tree for condition, _ in self.answers))
        return quick(Both((self.applies.tree, answers)) if self.applies else answers, self.finders)

    def _condition(self, text: str) -> Expression:
        try:
            expression = parse(text)
        except ExpressionError as e:
            raise RuleError(f"{self.rule.id}: {e}") from e
        if unknown := expression.names - self.finders.keys() - self.rule.limits.keys():
            raise RuleError(f"{self.rule.id}: {text!r}: found {sorted(unknown)}, expected facts or limits of the rule")
        if limits := sorted({test.fact for test in expression.tests} - self.finders.keys()):
            raise RuleError(f"{self.rule.id}: {text!r}: found {limits} on the left, expected a fact there")
        return expression

    def missing(self, names: tuple[str, ...]) -> tuple[Text, ...]:
        """The words for facts that were not told, each once."""
        return tuple(dict.fromkeys(missing(name, self.rule.facts[name]) for name in names))

    def ask(self, context: Context, order: Order | None) -> Verdict:
        """What the rule says of this order (None: of the event) in this context."""
        if self.could_speak(context, order, self.limits_on(context.day)) is False:
            return SILENT
        return self._said(context, order)

    def _said(self, context: Context, order: Order | None) -> Verdict:
        asked = _Asked(self, context, order)
        applies = self.applies.evaluate(asked) if self.applies else True
        if applies is False:
            return SILENT
        scope = list(asked.tests) if applies is None else []
        undecided: list[tuple[Check, Kleene]] = []
        for number, (condition, answer) in enumerate(self.answers, 1):
            start = len(asked.tests)
            truth = condition.evaluate(asked)
            made = asked.tests[start:]
            if truth and applies:
                return asked.verdict(answer, number, [*undecided, *(m for m in made if m[0].about_unknown)])
            if truth is not False:
                undecided += [*scope, *made]
        return asked.verdict(None, 0, undecided)


class _Asked:
    """One asking of one rule: the environment of its conditions, and the trace of the tests they make."""

    __slots__ = ("context", "faults", "found", "limits", "order", "rule", "tests")

    def __init__(self, rule: CompiledRule, context: Context, order: Order | None) -> None:
        self.rule, self.context, self.order = rule, context, order
        self.found: dict[str, Found] = {}
        self.limits = rule.limits_on(context.day)
        self.faults: tuple[Text, ...] = ()
        self.tests: list[tuple[Check, Kleene]] = []

    def value(self, name: str) -> Value:
        found = self.found.get(name)
        if found is not None:
            return found.value
        find: Finder | None = self.rule.finders.get(name)
        if find is None:
            return self.limits[name]
        found = self.found[name] = find(self.context, self.order)
        if found.fault:
            self.faults += (found.fault,)
        return found.value

    def in_force(self, name: str) -> bool:
        return name in self.rule.finders or self.limits[name] is not None

    def made(self, test: Check, truth: Kleene) -> None:
        self.tests.append((test, truth))

    def verdict(self, answer: Answer | None, number: int, undecided: list[tuple[Check, Kleene]]) -> Verdict:
        """The answer, and the facts for want of which `undecided` tests could not decide it."""
        if answer is None and not undecided and not self.faults:
            return SILENT
        names = dict.fromkeys(name for test, _ in undecided for name in test.names)
        needs = tuple(name for name in names if name in self.found and _untold(self.found[name].value))
        orders = (self.order.id,) if self.order else ()
        return Verdict(
            self._alert(answer, orders) if answer else None,
            number,
            Unknown(self.rule.rule.id, needs, orders, self.rule.missing(needs)) if needs else None,
            self.faults,
        )

    def _alert(self, answer: Answer, orders: tuple[str, ...]) -> Alert:
        rule = self.rule.rule
        involved = [self.found[test.fact] for test, truth in self.tests if truth and test.fact in self.found]
        others = tuple(dict.fromkeys(other for found in involved for other in found.others))
        values = self._values(answer.names, others)
        return Alert(
            rule=rule.id,
            rule_version=rule.version,
            kind=rule.kind,
            severity=answer.alert.severity,
            orders=tuple(dict.fromkeys((*orders, *(order for found in involved for order in found.orders)))),
            others=others,
            summary=fill(answer.summary, values),
            detail=fill(answer.detail, values),
            action=fill(answer.action, values),
            due_days=answer.alert.due_days,
            sources=self.rule.sources,
            trace=tuple([self._shown(test, truth) for test, truth in self.tests]),
            review=rule.review.state != "approved",
        )

    def _values(self, names: frozenset[str], others: tuple[str, ...]) -> dict[str, Text]:
        """The words for the names in an answer's texts; a fact that no condition asked for is looked up now."""
        values: dict[str, Text] = {}
        for name in names:
            if name in self.rule.finders:
                self.value(name)
                values[name] = shown(self.found[name].value, self.found[name].unit)
            elif name in self.limits:
                values[name] = shown(self.limits[name], "")
        if "others" in names:
            values["others"] = Text("、".join(others), ", ".join(others))
        if "drug" in names and self.order:
            values["drug"] = drug_name(self.order.drug)
        return values

    def _shown(self, test: Check, truth: Kleene) -> Traced:
        found = self.found.get(test.fact, UNKNOWN)
        fact = f"{test.fact} ({found.computed_by})" if found.computed_by else test.fact
        return Traced(fact, value_text(found.value), found.unit, found.day, self._spelled(test), TRUTHS[truth])

    def _spelled(self, test: Check) -> str:
        """The test with the limits' values beside their names: `egfr < stop (30)`."""
        limits = [f"{name} {value_text(self.limits[name])}" for name in test.names if name in self.rule.rule.limits]
        return f"{test.text} ({', '.join(limits)})" if limits else test.text


def value_text(value: Value) -> str | None:
    """A value as the trace shows it; None stays None, it is not a word."""
    if value is None or isinstance(value, str):
        return value
    return str(value).lower() if isinstance(value, bool) else f"{SIGNS.get(type(value), '')}{value:g}"


def _untold(value: Value) -> bool:
    """Whether a value, or a part of it, was not told."""
    return value is None or type(value) in PARTIAL


def in_force(dated: dict[date, float], day: date) -> float | None:
    """The limit of that day: the latest that had begun; None before the first."""
    begun = [start for start in dated if start <= day]
    return dated[max(begun)] if begun else None
