"""`cdss rules`: look at the knowledge, check it, compare two versions of it."""

import json as jsonlib
from dataclasses import asdict
from datetime import date
from importlib.metadata import entry_points
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
import yaml
from rich.console import Console
from rich.table import Column, Table

from cdss.rules import KNOWLEDGE
from cdss.rules.asking.compiled import CompiledRule
from cdss.rules.checking import lint as linting
from cdss.rules.checking import mutation
from cdss.rules.checking.selftest import run
from cdss.rules.interactions.part import Part, stem
from cdss.rules.language.read import RuleError, rules_in, rules_of
from cdss.rules.language.sizes import PackRefused
from cdss.rules.pack import compiled_in, load
from cdss.rules.terms.table import TableError
from cdss.serving.platform.commands import rules_counts, rules_diff, rules_gdl2, rules_packs
from cdss.serving.platform.commands.rules_search import everything_about

app = typer.Typer(help="The knowledge: lint, test, show, search, compare.", no_args_is_help=True)
Json = Annotated[bool, typer.Option("--json", help="Machine-readable output")]
Folder = Annotated[Path, typer.Option("--pack", help="A knowledge folder; by default the installed one")]


@app.command()
def lint(pack: Folder = KNOWLEDGE, json: Json = False) -> None:
    """Everything a rule file must have before it may be used; exit 1 if anything is missing."""
    rules = _compiled(pack)
    _refuse_broken_tables(pack)
    faults = linting.lint(rules, date.today())  # noqa: DTZ011
    if json:
        typer.echo(jsonlib.dumps([asdict(fault) for fault in faults], ensure_ascii=False))
    else:
        for fault in faults:
            typer.echo(str(fault))
        typer.echo(f"{len(faults)} faults", err=True)
    raise typer.Exit(1 if faults else 0)


@app.command(name="test")
def run_tests(
    pack: Folder = KNOWLEDGE,
    mutate: Annotated[
        bool, typer.Option("--mutate", help="Also move every number by one unit: is it noticed?")
    ] = False,
    json: Json = False,
) -> None:
    """Run the tests inside the rule files; exit 1 if one does not hold."""
    rules = _compiled(pack)
    outcomes = [outcome for compiled in rules for outcome in run(compiled)]
    failed = [outcome for outcome in outcomes if not outcome.passed]
    survey = mutation.survey(rules) if mutate else None
    if json:
        moved = {"mutation": asdict(survey) | {"caught": survey.caught}} if survey else {}
        found = {"rules": len(rules), "tests": len(outcomes), "failed": [asdict(o) for o in failed], **moved}
        typer.echo(jsonlib.dumps(found, ensure_ascii=False))
    else:
        for outcome in failed:
            typer.echo(f"{outcome.rule}: {outcome.test}: found {outcome.got}, expected {outcome.expected}")
        typer.echo(f"{len(rules)} rules, {len(outcomes)} tests, {len(failed)} failed", err=True)
        if survey:
            _say_survey(survey)
    raise typer.Exit(1 if failed else 0)


def _say_survey(survey: mutation.Survey) -> None:
    for one in survey.survivors:
        typer.echo(f"{one.rule}: {one.number} could be {one.became} and no test would fail")
    typer.echo(
        f"numbers moved by one unit: noticed in {survey.caught:.1%} of {survey.rules} rules with numbers", err=True
    )


@app.command()
def show(id: Annotated[str, typer.Argument(help="A rule's id, such as renal/metformin")], json: Json = False) -> None:
    """One rule, or one rule of the interaction tables, whole."""
    pack = load()
    if id in pack.rules:
        value = msgspec.to_builtins(pack.rules[id].rule, str_keys=True)
    elif parts := pack.interactions.rule(id)[0]:
        value = {
            "id": stem(id),
            "pairs": len(pack.interactions.rule(id)[1]),
            "levels": [_level(part) for part in parts],
        }
    else:
        raise typer.BadParameter(f"found no rule {id!r}; `cdss rules search TEXT` finds rules by drug or words")
    path = next((path for path, rule in rules_in(KNOWLEDGE) if rule.id == id), None)
    if json:
        typer.echo(jsonlib.dumps(value, ensure_ascii=False, indent=2))
    elif path and len(rules_of(path)) == 1:
        typer.echo(path.read_text(encoding="utf-8"))
    else:
        typer.echo(f"# {path.relative_to(KNOWLEDGE) if path else 'interactions/'}")
        typer.echo(yaml.safe_dump(_said(value), allow_unicode=True, sort_keys=False, width=120))


def _level(part: Part) -> dict[str, Any]:
    """One level of an interaction rule: when it holds, why and what to do."""
    when = [msgspec.to_builtins(condition.words) for condition in part.when]
    found: dict[str, Any] = msgspec.to_builtins(msgspec.structs.replace(part, when=()))
    return found | {"when": when}


def _said(value: Any) -> Any:
    """The value without what was left empty."""
    if isinstance(value, dict):
        found = {key: _said(part) for key, part in value.items()}
        return {key: part for key, part in found.items() if part not in (None, "", [], {}, False)}
    return [_said(part) for part in value] if isinstance(value, list) else value


@app.command()
def search(
    text: Annotated[str, typer.Argument(help="A drug (zh, en, ATC) or words of a title")], json: Json = False
) -> None:
    """Rules and interactions about a drug, and rules whose title or id holds the words."""
    pack = load()
    found = everything_about(pack, text)
    if json:
        typer.echo(jsonlib.dumps(found, ensure_ascii=False, indent=2))
        return
    console = Console()
    for name, rows in found.items():
        columns = [Column(key, overflow="fold") for key in (rows[0] if rows else ("-",))]
        table = Table(*columns, title=f"{name}: {len(rows)}")
        for row in rows:
            table.add_row(*(str(value) for value in row.values()))
        console.print(table)


app.command()(rules_diff.diff)
app.command()(rules_counts.counts)
app.command()(rules_gdl2.import_gdl2)
for _entry in entry_points(group="cdss.rules_commands"):
    app.command(name=_entry.name)(_entry.load())
app.command()(rules_packs.activate)
app.command()(rules_packs.rollback)
app.command()(rules_packs.packs)


def _compiled(folder: Path) -> list[CompiledRule]:
    try:
        return list(compiled_in(_folder(folder)).values())
    except (RuleError, PackRefused, TableError) as e:
        typer.echo(str(e), err=True)
        raise typer.Exit(1) from e


def _refuse_broken_tables(folder: Path) -> None:
    """Exit 1 if medicines or interactions of the folder cannot be read."""
    try:
        load(folder)
    except (ValueError, OSError) as e:
        typer.echo(str(e), err=True)
        raise typer.Exit(1) from e


def _folder(folder: Path) -> Path:
    if not folder.is_dir():
        raise typer.BadParameter(f"found no folder {folder}; expected a knowledge folder such as {KNOWLEDGE}")
    return folder
