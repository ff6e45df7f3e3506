"""What is texted: words that say nothing about health, from templates."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from cdss.serving.platform.config import ConfigError
from cdss.serving.population.outreach.core.texts import OURS, read

TODAY = date(2026, 11, 25)
DATES = [
    ("zh", 5, "请于2026年11月30日前联系"),
    ("en", 5, "by 30 November 2026"),
    ("zh", 0, "请尽快联系"),
    ("en", -3, "as soon as you can"),
]


@pytest.mark.parametrize(("lang", "days", "says"), DATES)
def test_a_resident_is_told_a_date_or_to_come_soon(lang: Any, days: int, says: str) -> None:
    words = read().resident(TODAY + timedelta(days=days), TODAY, lang)
    assert says in words
    assert "{" not in words


def test_a_doctor_is_told_which_resident() -> None:
    assert "Resident r-17" in read().doctor("r-17", "en")


def test_the_words_still_need_clinical_review() -> None:
    assert read().state == "needs clinical review"


BAD = [
    ("a value",         "soon",      "Your pressure is 180.",  "found a digit"),
    ("an unknown field", "soon",     "Dear {name}, come.",     "expected no field in braces"),
    ("no date",         "by_date",   "Please come.",           "expected {date}"),
]  # fmt: skip


@pytest.mark.parametrize(("what", "name", "words", "says"), BAD, ids=[row[0] for row in BAD])
def test_a_sites_own_words_may_not_say_more(tmp_path: Path, what: str, name: str, words: str, says: str) -> None:
    given = yaml.safe_load(OURS.read_text(encoding="utf-8"))
    given["texts"][name]["en"] = words
    own = tmp_path / "texts.yaml"
    own.write_text(yaml.safe_dump(given, allow_unicode=True), encoding="utf-8")
    with pytest.raises(ConfigError, match=says):
        read(own)


@pytest.mark.parametrize("content", ["", "texts: 1", "{", "state: x\ndated: 2026-01-01\ntexts: {}"])
def test_a_file_of_another_form_is_refused_by_name(tmp_path: Path, content: str) -> None:
    own = tmp_path / "own.yaml"
    own.write_text(content, encoding="utf-8")
    with pytest.raises(ConfigError, match=r"own\.yaml: "):
        read(own)
