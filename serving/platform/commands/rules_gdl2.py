"""`cdss rules import-gdl2 PATH`: openEHR GDL2 guidelines run in this engine, against the test cases they come with."""

import json as jsonlib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from cdss.rules.gdl2.conformance import Report, examine
from cdss.rules.gdl2.files import File, WrongPath, files_at


def import_gdl2(
    path: Annotated[Path, typer.Argument(help="A .gdl2 or .gdl2.json file, a folder, or a .tar.gz of them")],
    json: Annotated[bool, typer.Option("--json", help="Machine-readable output")] = False,
) -> None:
    """Read openEHR GDL2 guidelines and run their own test cases: how many agree, which do not, what cannot be run."""
    try:
        report = examine(_some(path))
    except WrongPath as e:
        raise typer.BadParameter(str(e)) from e
    if json:
        _say(jsonlib.dumps(report.as_json(), ensure_ascii=False))
    else:
        _print(report)


def _some(path: Path) -> Iterator[File]:
    """The files at `path`. WrongPath at their end if no guideline was among them."""
    found = {"guidelines": 0, "cases": 0}
    for file in files_at(path):
        found["cases" if file.is_cases else "guidelines"] += 1
        yield file
    if not found["guidelines"]:
        raise WrongPath(
            f"found no guideline and {found['cases']} files of test cases in {path}; expected .gdl2 or .gdl2.json files"
        )


def _say(text: str, err: bool = False) -> None:
    """Half a surrogate pair in a file is no character; it is shown as a question mark."""
    typer.echo(text.encode("utf-8", "replace").decode(), err=err)


def _print(report: Report) -> None:
    for one in report.disagree:
        for code, expected in one.expected.items():
            _say(f"{one.guideline}: {one.case}: {code}: found {one.found[code]}, expected {expected}")
    for not_run in report.unsupported:
        _say(f"{not_run.guideline}: {not_run.case or not_run.file}: not run: {not_run.feature}: {not_run.why}")
    for file, day in report.assumed_day.items():
        _say(f"{file}: the cases do not say their day; held to {day}")
    share = f"{report.agree / report.cases:.1%}" if report.cases else "none"
    _say(f"{report.guidelines} guidelines, {report.cases} cases, {report.agree} agree ({share})", err=True)
