"""`cdss check`: an order check without a server."""

import json as jsonlib
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from cdss.rules.asking.words import level
from cdss.rules.pack import Pack
from cdss.serving.emr.any_form import asked
from cdss.serving.emr.asked import answer
from cdss.serving.emr.desk import since
from cdss.serving.emr.simple.answer import response
from cdss.serving.platform.config import ConfigError, settings
from cdss.serving.platform.errors import BadInput, fault
from cdss.serving.platform.json_text import loads
from cdss.serving.platform.knowledge import in_force
from cdss.serving.platform.language import Lang, chosen, pick

COLOURS = {"contraindicated": "bold red", "avoid": "red", "precaution": "yellow", "consider": "cyan", "info": "dim"}


def check(
    file: Annotated[str, typer.Argument(help="CDS Hooks request, FHIR bundle or simple order; - for standard input")],
    ndjson: Annotated[bool, typer.Option(help="One request a line in, one response a line out, in order")] = False,
    json: Annotated[bool, typer.Option("--json", help="Machine-readable output")] = False,
    lang: Annotated[str | None, typer.Option(help="zh or en; by default what the request or CDSS_LANG says")] = None,
) -> None:
    """Check orders against the knowledge: interactions, allergies, pregnancy, kidney function, age, duplicates."""
    try:
        current = settings()
    except ConfigError as e:
        raise typer.BadParameter(str(e)) from e
    pack = in_force(current, lambda says: typer.echo(says, err=True))
    if ndjson:
        raise typer.Exit(_lines(file, pack, lang, current.lang))
    try:
        body = _opened(file).read()
        answered, words = _answer(body, pack, lang, current.lang)
    except BadInput as e:
        raise typer.BadParameter(f"{file}: {e}") from e
    if json:
        typer.echo(jsonlib.dumps(answered, ensure_ascii=False, indent=2))
    else:
        _print(answered, words)


def _opened(file: str) -> BinaryIO:
    if file == "-":
        return sys.stdin.buffer
    try:
        return Path(file).open("rb")
    except OSError as e:
        raise typer.BadParameter(f"{file}: {e.strerror}; give a file or - for standard input") from e


def _lines(file: str, pack: Pack, lang: str | None, default: Lang) -> int:
    """Answer each line; a bad one, whatever is wrong, by its fault; then the status is 2."""
    status = 0
    for number, line in _numbered(file):
        try:
            answered, _ = _answer(line, pack, lang, default)
        except Exception as e:
            status = 2
            answered = {"error": fault(e), "line": number}
        typer.echo(jsonlib.dumps(answered, ensure_ascii=False))
    return status


def _numbered(file: str) -> Iterator[tuple[int, bytes]]:
    return ((number, line) for number, line in enumerate(_opened(file), start=1) if line.strip())


def _answer(body: bytes, pack: Pack, lang: str | None, default: Lang) -> tuple[dict[str, Any], Lang]:
    started = time.perf_counter()
    value = loads(body)
    review = answer(pack, asked(value, pack))
    wanted = value.get("lang") if isinstance(value.get("lang"), str) else None
    words = chosen(lang or wanted, None, default)
    return response(review, words, since(started)), words


def _print(answered: dict[str, Any], lang: Lang) -> None:
    console = Console()
    for alert in answered["alerts"]:
        named = pick(level(alert["kind"], alert["severity"]), lang)
        console.print(f"[{COLOURS[alert['severity']]}]{named}[/] {escape(alert['summary'])}")
        for line in (alert["detail"], alert["action"]):
            if line:
                console.print(f"    {escape(line)}")
        reviewed = "" if alert["kind"] == "data" else f" {alert['rule_version']}, {alert['review']}"
        console.print(f"    [dim]{alert['rule']}{reviewed}[/]")
    if not answered["alerts"]:
        console.print("无提示。" if lang == "zh" else "No alerts.")
    _print_unchecked(console, answered, lang)
    console.print(f"[dim]{answered['notice']}[/]")


def _print_unchecked(console: Console, answered: dict[str, Any], lang: Lang) -> None:
    if answered["unknown"]:
        table = Table(*(("未能核对的规则", "缺少") if lang == "zh" else ("Could not be checked", "Needs")))
        for unknown in answered["unknown"]:
            table.add_row(unknown["rule"], ", ".join(unknown["missing"]))
        console.print(table)
    for unmapped in answered["unmapped"]:
        words = "未识别，未核对" if lang == "zh" else "not recognised, not checked"
        console.print(f"[yellow]{words}[/]: {escape(unmapped['text'])}")
