"""What was not told is asked for in the words of the ward, in both languages, whichever rule lacks it."""

import csv

import pytest

from cdss.rules import KNOWLEDGE
from cdss.rules.asking.missing import missing
from cdss.rules.language.rule import Fact
from cdss.rules.pack import Pack, load


@pytest.fixture(scope="module")
def pack() -> Pack:
    return load()


def facts_that_may_lack(pack: Pack) -> list[tuple[str, str, Fact]]:
    """All but the site's own settings, which are always there."""
    named = [(rule.rule.id, name, fact) for rule in pack.rules.values() for name, fact in rule.rule.facts.items()]
    return [(rule, name, fact) for rule, name, fact in named if not fact.setting]


def test_every_fact_of_every_rule_has_words(pack: Pack) -> None:
    asked = [(rule, name, missing(name, fact)) for rule, name, fact in facts_that_may_lack(pack)]
    assert len(asked) > 3000
    assert not [(rule, name) for rule, name, text in asked if name in {text.zh, text.en} and text.zh == text.en]


def test_no_word_is_for_a_fact_that_no_rule_asks_for(pack: Pack) -> None:
    asked_for = {fact.given for _, _, fact in facts_that_may_lack(pack)}
    with (KNOWLEDGE / "observations" / "given.csv").open(encoding="utf-8", newline="") as file:
        assert {row["name"] for row in csv.DictReader(file)} <= asked_for
