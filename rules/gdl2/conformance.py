"""Guidelines held against their own test cases: how many agree, which do not, and what could not be run."""

from collections import Counter
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

    `assumed_day`: the files with cases that depend on the day and do not say it, and the day they were held to;
    `agree_on_assumed_day` of the cases that agree are such.
    """

    guidelines: int = 0
    cases: int = 0
    agree: int = 0
    disagree: list[Disagreement] = field(default_factory=list)
    unsupported: list[NotRun] = field(default_factory=list)
    assumed_day: dict[str, str] = field(default_factory=dict)
    agree_on_assumed_day: int = 0

    def as_json(self) -> dict[str, Any]:
        """The contract's form."""
        return asdict(self)


@dataclass(slots=True)
class Shelf:
    """The guidelines under their id and the name of their file; `refused`: those that are there but cannot be run.

    `day`: the one that most files of cases state; None if none does.
    """

    known: dict[str, list[Guideline]] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    day: datetime | None = None


def examine(files: Iterable[File]) -> Report:
    """Every guideline run on every case that names it."""
    report, shelf = Report(), Shelf()
    cases: list[tuple[File, list[Case]]] = []
    for file in files:
        if file.fault:
            report.unsupported.append(NotRun(file.stem, None, file.name, "file", file.fault))
        elif file.is_cases:
            cases.append((file, _cases(file, report)))
        else:
            _shelve(file, shelf, report)
    shelf.day = _usual_day(found for _, found in cases)
    for file, found in cases:
        for case in found:
            _hold(case, file, shelf, report)
    return report


def _cases(file: File, report: Report) -> list[Case]:
    try:
        return list(cases_in(file.text))
    except CaseFault as e:
        report.unsupported.append(NotRun(file.stem, None, file.name, "test cases", str(e)))
        return []


def _usual_day(files: Iterable[list[Case]]) -> datetime | None:
    """The day most files state, the earliest of several."""
    stated = Counter(day for cases in files for day in {case.now for case in cases if case.now})
    return min(stated, key=lambda day: (-stated[day], day), default=None)


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
    known = {step: one for step, one in chain.items() if one}
    try:
        expected, found, assumed = _on_its_day(case, known, shelf.day)
    except DayNotTold as e:
        report.unsupported.append(NotRun(names, case.id, file.name, "current date", str(e)))
    except (RecursionError, ArithmeticError, ValueError) as e:
        report.unsupported.append(NotRun(names, case.id, file.name, "running", str(e)))
    else:
        if assumed:
            report.assumed_day[file.name] = assumed.date().isoformat()
        if expected:
            report.disagree.append(Disagreement(names, case.id, file.name, expected, found))
        else:
            report.agree += 1
            report.agree_on_assumed_day += assumed is not None


def _on_its_day(
    case: Case, chain: dict[str, Guideline], usual: datetime | None
) -> tuple[dict[str, str | None], dict[str, str | None], datetime | None]:
    """The differences, and the day assumed where the case depends on it and says none. DayNotTold if none is usual."""
    try:
        return *_differences(case, chain), None
    except DayNotTold:
        if usual is None:
            raise
    return *_differences(replace(case, now=usual), chain), usual


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
