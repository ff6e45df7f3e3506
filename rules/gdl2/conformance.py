"""Guidelines held against their own test cases: how many agree, which do not, and what could not be run."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
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
    """`cases` are the runnable ones, whose guideline is there: those that agree, disagree, or are not supported."""

    guidelines: int = 0
    cases: int = 0
    agree: int = 0
    disagree: list[Disagreement] = field(default_factory=list)
    unsupported: list[NotRun] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The contract's form."""
        return asdict(self)


@dataclass(slots=True)
class Shelf:
    """The guidelines by id, and by the name of their file; `refused`: those that are there but cannot be run."""

    by_id: dict[str, Guideline] = field(default_factory=dict)
    by_name: dict[str, Guideline] = field(default_factory=dict)
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
    shelf.by_name[file.stem] = guideline
    if guideline.id not in shelf.by_id or guideline.id == file.stem:
        shelf.by_id[guideline.id] = guideline


def _examine(file: File, shelf: Shelf, report: Report) -> None:
    try:
        cases = list(cases_in(file.text))
    except CaseFault as e:
        report.unsupported.append(NotRun(file.stem, None, file.name, "test cases", str(e)))
        return
    for case in cases:
        _hold(case, file, shelf, report)


def _hold(case: Case, file: File, shelf: Shelf, report: Report) -> None:
    chain = {step: shelf.by_id.get(id) or shelf.by_name.get(file.stem) for step, id in case.guidelines.items()}
    names = ", ".join(case.guidelines.values())
    missing = [case.guidelines[step] for step, one in chain.items() if one is None]
    if missing:
        why = next((shelf.refused[name] for name in (*missing, file.stem) if name in shelf.refused), "")
        feature = "guideline" if why else "guideline is not among the files"
        report.cases += bool(why)
        report.unsupported.append(NotRun(names, case.id, file.name, feature, why or ", ".join(missing)))
        return
    report.cases += 1
    try:
        expected, found = _differences(case, {step: one for step, one in chain.items() if one})
    except DayNotTold as e:
        report.unsupported.append(NotRun(names, case.id, file.name, "current date", str(e)))
        return
    if expected or found:
        report.disagree.append(Disagreement(names, case.id, file.name, expected, found))
    else:
        report.agree += 1


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
