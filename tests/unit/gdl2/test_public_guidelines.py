"""openEHR's public guidelines against their own cases, and the table that explains the rest."""

import csv
from collections import Counter
from pathlib import Path

import pytest

import cdss.rules.gdl2
from cdss.rules.gdl2.conformance import Report, examine
from cdss.rules.gdl2.files import files_at

TABLE = Path(cdss.rules.gdl2.__path__[0]) / "disagreements.csv"
KINDS = {"wrong expectation", "wrong guideline", "by design", "day not told", "not known which"}

pytestmark = pytest.mark.data


@pytest.fixture(scope="module")
def report(data: Path) -> Report:
    return examine(files_at(data / "gdl2" / "guidelines_dev.tar.gz"))


def test_95_of_100_cases_agree(report: Report) -> None:
    assert report.cases >= 2600
    assert report.agree / report.cases >= 0.95


def test_every_disagreement_is_explained(report: Report) -> None:
    with TABLE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["kind"] for row in rows} <= KINDS
    assert Counter(one.guideline for one in report.disagree) == {row["guideline"]: int(row["cases"]) for row in rows}
