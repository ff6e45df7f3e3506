"""What a measurement should be at: the numbers of the rules in force, so that page, handout and advice agree.

`targets.csv` says which number of which rule is whose: a dated limit, or one the site has set; of two rows for one
measurement the later stands. Where no rule has one, `fixed` is the number and `source` the standard it is from
(WS/T 428-2013, weight of adults; needs clinical review).
"""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from cdss.rules.asking.compiled import CompiledRule
from cdss.rules.pack import Pack
from cdss.serving.population.scoring.assessment import DISEASES, Assessment

FILE = Path(__file__).with_name("targets.csv")
Kind = Literal["target", "diagnostic", "limit", "healthy"]


@dataclass(frozen=True, slots=True)
class Target:
    """A number to stay below, or to be at least at.

    `kind`: the target of a known disease, the level at which one is diagnosed, the limit of a rule, or what is healthy.
    `source`: the rule it is from, or the standard.
    """

    number: float
    side: Literal["below", "at least"]
    kind: Kind
    source: str

    def met(self, value: float) -> bool:
        """Whether a value is where it should be."""
        return value < self.number if self.side == "below" else value >= self.number


def targets(assessment: Assessment, pack: Pack) -> dict[str, Target]:
    """The targets of one resident by column. Who is not known to have a disease is held to the diagnostic level."""
    return dict(_targets(assessment, pack))


def crossed(target: Target | None, before: float, now: float) -> Literal["missed", "reached", ""]:
    """Whether a target was newly missed or newly reached between two values."""
    if target is None or target.met(before) == target.met(now):
        return ""
    return "reached" if target.met(now) else "missed"


def _targets(assessment: Assessment, pack: Pack) -> Iterator[tuple[str, Target]]:
    who = _who(assessment)
    for row in table():
        number = _number(row, assessment, pack) if row["who"] in who else None
        if number is not None:
            target: Any = Target(number, row["side"], row["kind"], row["rule"] or row["source"])  # type: ignore[arg-type]
            yield row["measurement"], target


def _who(assessment: Assessment) -> set[str]:
    known = assessment.diseases
    diseases = {name if name in known else f"not {name}" for name in DISEASES}
    return {"everyone", assessment.sex or "", *diseases}


def _number(row: Mapping[str, str], assessment: Assessment, pack: Pack) -> float | None:
    """The number in force on the day; None where the knowledge has none, or it depends on an age that is not told."""
    if row["fixed"]:
        return float(row["fixed"])
    rule, day = pack.rules.get(row["rule"]), assessment.day
    if rule is None:
        return None
    if not row["number_old"]:
        return number_of(rule, row["number"], day)
    old = number_of(rule, row["old"], day)
    if assessment.age is None or old is None:
        return None
    return number_of(rule, row["number_old" if assessment.age >= old else "number"], day)


def number_of(rule: CompiledRule, name: str, day: date) -> float | None:
    """A number of a rule by its name there: a limit of that day, or a setting of the site. None if there is none."""
    fact = rule.rule.facts.get(name)
    if fact and fact.setting:
        return rule.settings[fact.setting].value
    return rule.limits_on(day).get(name)


@lru_cache(maxsize=1)
def table() -> tuple[dict[str, str], ...]:
    """The rows of the file."""
    with FILE.open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))
