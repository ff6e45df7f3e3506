"""Guidelines held against their own test cases: how many agree, which do not, and what could not be run."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any

from cdss.rules.gdl2 import guideline as guidelines
from cdss.rules.gdl2.cases import Case, CaseFault, Told, agrees, cases_in
from cdss.rules.gdl2.files import File
from cdss.rules.gdl2.guideline import Guideline, GuidelineFault
from cdss.rules.gdl2.run import Outcome, run
from cdss.rules.gdl2.scope import DayNotTold
from cdss.rules.gdl2.values import Value, written

# Quarters of the years in which openEHR's GDL2 guidelines and their cases were written.
DAYS = tuple(datetime(year, month, 15) for year in range(2014, 2027) for month in (2, 5, 8, 11))  # noqa: DTZ001


@dataclass(frozen=True, slots=True)
class Disagreement:
    """What a case expects and what came out, for the elements that differ (None: not set)."""

    guideline: str
    case: str
    file: str
    expected: dict[str, str | None]
    found: dict[str, str | None]


@dataclass(frozen=True, slots=True)
class NotRun:
    """A guideline, a file (no `case`) or a case that could not be run, the feature it needs, and why."""

    guideline: str
    case: str | None
    file: str
    feature: str
    why: str


@dataclass(slots=True)
class Report:
    """`cases` are the runnable ones, whose guideline is there: those that agree, disagree, or are not supported.

    `assumed_day`: the files whose cases depend on the day and do not say it, and the day they were held to.
    """

    guidelines: int = 0
    cases: int = 0
    agree: int = 0
    disagree: list[Disagreement] = field(default_factory=list)
    unsupported: list[NotRun] = field(default_factory=list)
    assumed_day: dict[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The contract's form."""
        return asdict(self)


@dataclass(slots=True)
class Shelf:
    """The guidelines under their id and the name of their file; `refused`: those that are there but cannot be run."""

    known: dict[str, list[Guideline]] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)


def examine(files: Iterable[File]) -> Report:
    """Every guideline run on every case that names it."""
    report, shelf, cases = Report(), Shelf(), []
    for file in files:
        if file.fault:
            report.unsupported.append(NotRun(file.stem, None, file.name, "file", file.fault))
        elif file.is_cases:
            cases.append(file)
        else:
            _shelve(file, shelf, report)
    for file in cases:
        _examine(file, shelf, report)
    return report


def _shelve(file: File, shelf: Shelf, report: Report) -> None:
    try:
        guideline = guidelines.read(file.text)
    except GuidelineFault as e:
        shelf.refused[file.stem] = str(e)
        report.unsupported.append(NotRun(file.stem, None, file.name, "guideline", str(e)))
        return
    report.guidelines += 1
    for name in {guideline.id, file.stem}:
        shelf.known.setdefault(name, []).append(guideline)


def _examine(file: File, shelf: Shelf, report: Report) -> None:
    try:
        cases = list(cases_in(file.text))
    except CaseFault as e:
        report.unsupported.append(NotRun(file.stem, None, file.name, "test cases", str(e)))
        return
    day = _likely_day(cases, file, shelf)
    if day:
        report.assumed_day[file.name] = day.date().isoformat()
    for case in cases:
        _hold(replace(case, now=case.now or day), file, shelf, report)


def _likely_day(cases: list[Case], file: File, shelf: Shelf) -> datetime | None:
    """Where cases depend on the day and do not say it: the day on which most of them agree, the earliest of several.

    None if no case asks for it. Ages in the expectations tell the year in which they were written.
    """
    asking = [case for case in cases if case.now is None and _asks_for_the_day(case, file, shelf)]
    if not asking:
        return None
    agreeing = {day: sum(_agrees(replace(case, now=day), file, shelf) for case in asking) for day in DAYS}
    return max(DAYS, key=lambda day: agreeing[day])


def _asks_for_the_day(case: Case, file: File, shelf: Shelf) -> bool:
    try:
        _agrees(case, file, shelf)
    except DayNotTold:
        return True
    return False


def _agrees(case: Case, file: File, shelf: Shelf) -> bool:
    chain = _chain(case, file, shelf)
    known = {step: one for step, one in chain.items() if one}
    return len(known) == len(chain) and _differences(case, known) == ({}, {})


def _chain(case: Case, file: File, shelf: Shelf) -> dict[str, Guideline | None]:
    return {step: _meant(case, step, id, file, shelf) for step, id in case.guidelines.items()}


def _hold(case: Case, file: File, shelf: Shelf, report: Report) -> None:
    chain = _chain(case, file, shelf)
    names = ", ".join(case.guidelines.values())
    missing = [case.guidelines[step] for step, one in chain.items() if one is None]
    if missing:
        why = next((shelf.refused[name] for name in (*missing, file.stem) if name in shelf.refused), "")
        feature = "guideline" if why else "guideline is not among the files"
        report.cases += bool(why)
        report.unsupported.append(NotRun(names, case.id, file.name, feature, why or ", ".join(missing)))
        return
    report.cases += 1
    expected, found = _differences(case, {step: one for step, one in chain.items() if one})
    if expected or found:
        report.disagree.append(Disagreement(names, case.id, file.name, expected, found))
    else:
        report.agree += 1


def _meant(case: Case, step: str, id: str, file: File, shelf: Shelf) -> Guideline | None:
    """Of the guidelines of that id, then of those of the file's name: the one that has most of the case's elements."""
    named = {*case.told.get(step, {}), *case.expected.get(step, {})}
    candidates = [*shelf.known.get(id, ()), *shelf.known.get(file.stem, ())]
    return max(candidates, key=lambda one: len(named & one.elements.keys()), default=None)


def _differences(case: Case, chain: dict[str, Guideline]) -> tuple[dict[str, str | None], dict[str, str | None]]:
    """The elements that are not as expected: as expected, as found."""
    expected: dict[str, str | None] = {}
    found: dict[str, str | None] = {}
    earlier: dict[tuple[str, str], Value] = {}
    for step, guideline in chain.items():
        told = _with_earlier(guideline, case.told.get(step, {}), earlier)
        outcome = run(guideline, told, case.now)
        earlier |= _by_path(guideline, outcome)
        for code, text in case.expected.get(step, {}).items():
            value = outcome.outputs[code] if code in outcome.outputs else next(iter(told.get(code, [])[-1:]), None)
            if not agrees(text, value):
                expected[code], found[code] = text, written(value)
    return expected, found


def _by_path(guideline: Guideline, outcome: Outcome) -> dict[tuple[str, str], Value]:
    return {
        (binding.model, element.path): outcome.outputs[element.code]
        for binding in guideline.bindings
        if binding.output
        for element in binding.elements
        if element.code in outcome.outputs
    }


def _with_earlier(guideline: Guideline, told: Told, earlier: dict[tuple[str, str], Value]) -> Told:
    """What the case tells, and what guidelines before this one set in the same archetypes."""
    inherited: Told = {
        element.code: [earlier[binding.model, element.path]]
        for binding in guideline.bindings
        if not binding.output
        for element in binding.elements
        if (binding.model, element.path) in earlier
    }
    return inherited | told
