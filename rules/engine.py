"""The engine: facts in, alerts out, with what was not known and not understood said beside them.

One rule that fails never silences the others: its failure is an alert of its own, and the order goes on.
"""

from collections.abc import Iterator

import msgspec

from cdss.rules.alert import Alert, Text, Unknown
from cdss.rules.asking.compiled import SILENT, CompiledRule, Verdict
from cdss.rules.asking.context import Context
from cdss.rules.asking.merging import merged
from cdss.rules.facts import Facts, Order
from cdss.rules.interactions.pairs import interactions
from cdss.rules.pack import Pack

RULE_FAILED = "data/rule-failed"


class Unmapped(msgspec.Struct, frozen=True):
    """Words that no code could be found for: nothing was checked about them. `what`: order, medication, allergy."""

    what: str
    id: str
    text: str


class Failure(msgspec.Struct, frozen=True):
    """A rule that could not be run, and the kind of error, for the log and the audit."""

    rule: str
    error: str


class Review(msgspec.Struct, frozen=True):
    """The engine's whole answer, and which knowledge gave it."""

    alerts: tuple[Alert, ...]
    unknown: tuple[Unknown, ...]
    unmapped: tuple[Unmapped, ...]
    failures: tuple[Failure, ...]
    version: str
    digest: str


def evaluate(pack: Pack, facts: Facts) -> Review:
    """What the knowledge says of these facts on their day."""
    context = Context(facts)
    failures: list[Failure] = []
    verdicts = [*_asked(pack, context, failures), *_paired(pack, context, failures)]
    alerts = [verdict.alert for verdict in verdicts if verdict.alert]
    alerts += _about_data(context, verdicts, failures)
    return Review(
        alerts=merged(alerts, context),
        unknown=tuple(verdict.unknown for verdict in verdicts if verdict.unknown),
        unmapped=tuple(_unmapped(facts)),
        failures=tuple(failures),
        version=pack.version,
        digest=pack.digest,
    )


def _asked(pack: Pack, context: Context, failures: list[Failure]) -> list[Verdict]:
    """What the rules say, those that are silent left out."""
    found: list[Verdict] = []
    for order in context.facts.orders:
        _ask_all(pack.about(order.drug), context, order, found, failures)
    _ask_all(pack.by_event.get(context.facts.event, ()), context, None, found, failures)
    return found


def _ask_all(
    rules: tuple[CompiledRule, ...],
    context: Context,
    order: Order | None,
    found: list[Verdict],
    failures: list[Failure],
) -> None:
    for rule in rules:
        try:
            verdict = rule.ask(context, order)
        except Exception as e:
            failures.append(Failure(rule.rule.id, type(e).__name__))
        else:
            if verdict is not SILENT:
                found.append(verdict)


def _paired(pack: Pack, context: Context, failures: list[Failure]) -> list[Verdict]:
    def failed(rule: str, error: Exception) -> None:
        failures.append(Failure(rule, type(error).__name__))

    return interactions(context, pack.interactions, failed)


def _unmapped(facts: Facts) -> Iterator[Unmapped]:
    for order in facts.orders:
        if not order.drug.ingredients and not order.drug.atc:
            yield Unmapped("order", order.id, order.drug.text)
    for medication in facts.patient.medications or ():
        if not medication.drug.ingredients and not medication.drug.atc:
            yield Unmapped("medication", "", medication.drug.text)
    for allergy in facts.patient.allergies or ():
        mapped = allergy.atc or (allergy.drug and (allergy.drug.ingredients or allergy.drug.atc))
        if not mapped and not allergy.other:
            yield Unmapped("allergy", "", allergy.text)


def _about_data(context: Context, verdicts: list[Verdict], failures: list[Failure]) -> Iterator[Alert]:
    """What was wrong with the data or the rules themselves, said aloud."""
    for order in context.facts.orders:
        for conflict in order.drug.conflicts:
            yield data_alert("data/drug-identifiers", conflict, (order.id,))
    if faults := tuple(dict.fromkeys(fault for verdict in verdicts for fault in verdict.faults)):
        yield data_alert("data/unit", _unused(faults))
    for rule in dict.fromkeys(failure.rule for failure in failures):
        yield data_alert(RULE_FAILED, failed(rule))


def failed(rule: str) -> Text:
    """What is said of a rule that could not be run."""
    return Text(f"规则 {rule} 未能运行，请人工核对。", f"Rule {rule} could not be run; please check by hand.")


def _unused(faults: tuple[Text, ...]) -> Text:
    """One sentence for all the values that could not be used."""
    zh, en = "；".join(fault.zh for fault in faults), "; ".join(fault.en for fault in faults)
    return Text(f"有数值未能使用，有关规则未核对：{zh}", f"Values could not be used, rules not checked: {en}")


def data_alert(rule: str, summary: Text, orders: tuple[str, ...] = ()) -> Alert:
    """An alert about the request itself, not about the patient."""
    return Alert(
        rule=rule, rule_version="1.0.0", kind="data", severity="info", orders=orders, others=(), summary=summary,
        detail=Text("", ""), action=Text("", ""), sources=(), trace=(), review=False,
    )  # fmt: skip
