"""`cdss rules evaluate`: what the knowledge holds, whether its tests would notice a wrong number, and how its
interactions do on reference pairs it was not written from."""

import json as jsonlib
from collections import Counter
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from cdss.datasets.source import DataNotFound
from cdss.evaluation import interactions
from cdss.rules.checking import mutation
from cdss.rules.checking.selftest import run
from cdss.rules.pack import Pack, load

# What is asked of the knowledge: name, the least (or most) share wanted.
WANTED = {
    "high_alert.found": (">=", 0.95),
    "high_alert.interruptive": (">=", 0.80),
    "not_interruptive.interruptive": ("<=", 0.01),
    "presumed_negative.interruptive": ("<=", 0.005),
    "names_known": (">=", 0.90),
    "mutation.caught": (">=", 0.95),
}


def evaluate(
    data: Annotated[Path | None, typer.Option(help="Folder laid out like $CDSS_DATA")] = None,
    json: Annotated[bool, typer.Option("--json", help="Machine-readable output")] = False,
) -> None:
    """Counts of rules by kind, mutation of their numbers, and interactions against reference pairs."""
    try:
        found = report(data)
    except DataNotFound as e:
        raise typer.BadParameter(str(e)) from e
    if json:
        typer.echo(jsonlib.dumps(found, ensure_ascii=False, indent=2))
        return
    for kind, count in found["rules_by_kind"].items():
        typer.echo(f"{count:6d} {kind}")
    typer.echo(f"{found['pairs']:6d} pairs of interacting ingredients, {found['ingredients']} ingredients known")
    for name, (sign, wanted) in WANTED.items():
        share = found["shares"][name]
        typer.echo(f"{name}: {'no pair known' if share is None else f'{share:.3f}'} (wanted {sign} {wanted})")


def report(data: Path | None) -> dict[str, Any]:
    """Everything the command prints, as plain values."""
    pack, judged = load(), interactions.evaluate(data)
    survey = mutation.survey(pack.rules.values())
    shares = {
        "high_alert.found": judged.high_alert.found,
        "high_alert.interruptive": judged.high_alert.interruptive,
        "not_interruptive.interruptive": judged.not_interruptive.interruptive,
        "presumed_negative.interruptive": judged.presumed_negative.interruptive,
        "names_known": judged.names_known / judged.names if judged.names else None,
        "mutation.caught": survey.caught,
    }
    return {**_counts(pack), "shares": shares, "interactions": msgspec.to_builtins(judged)}


def _counts(pack: Pack) -> dict[str, Any]:
    outcomes = [outcome for compiled in pack.rules.values() for outcome in run(compiled)]
    return {
        "version": pack.version,
        "digest": pack.digest,
        "rules": len(pack.rules),
        "rules_by_kind": dict(Counter(compiled.rule.kind for compiled in pack.rules.values()).most_common()),
        "tests": len(outcomes),
        "tests_failed": sum(not outcome.passed for outcome in outcomes),
        "pairs": len(pack.interactions),
        "ingredients": len(pack.formulary.entries),
    }
