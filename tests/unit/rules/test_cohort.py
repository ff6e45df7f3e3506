"""Rules asked of many people at once answer as the engine does one by one."""

from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cdss.rules.asking.compiled import CompiledRule
from cdss.rules.cohort.ask import Wording, ask
from cdss.rules.cohort.facts import rounded
from cdss.rules.cohort.people import Column, People
from cdss.rules.engine import evaluate
from cdss.rules.facts import Facts, Given, Observation, Patient
from cdss.rules.pack import Pack, load
from cdss.rules.terms.units import rounded as one_rounded

DAY = date(2026, 11, 20)
PEOPLE = 60


@pytest.fixture(scope="module")
def pack() -> Pack:
    return load()


def kinds(pack: Pack) -> tuple[dict[str, str], dict[str, str], set[str]]:
    """What the rules about residents ask for: units by LOINC, units of given numbers, names of given truths."""
    facts = [fact for rule in pack.by_event["resident"] for fact in rule.rule.facts.values()]
    loinc = {code: fact.unit for fact in facts for code in fact.loinc or ()}
    numbers = {fact.given: fact.unit for fact in facts if fact.given and fact.unit}
    return loinc, numbers, {fact.given for fact in facts if fact.given and not fact.unit}


def around(pack: Pack) -> list[float]:
    """Every limit of the rules about residents, and numbers beside it."""
    limits = {n for rule in pack.by_event["resident"] for dated in rule.rule.limits.values() for n in dated.values()}
    return sorted({limit + step for limit in limits for step in (-1, -0.1, 0, 0.1)})


def drawn(pack: Pack, seed: int) -> tuple[People, list[Facts]]:
    """Random people near the limits of the rules, a third of everything not told: as columns, and one by one."""
    generator = np.random.default_rng(seed)
    loinc, numbers, truths = kinds(pack)
    near = np.array(around(pack))

    def told(values: Any) -> Any:
        return np.where(generator.random(PEOPLE) < 0.3, np.nan, values)

    ago = [-9, -1, 0, 13, 14, 15, 30, 91, 92, 93, 184, 365, 366, 800]
    observations = {
        code: Column(
            told(generator.choice(near, PEOPLE)),
            unit,
            days_ago=told(generator.choice(ago, PEOPLE)) if generator.random() < 0.5 else None,
        )
        for code, unit in loinc.items()
    }
    given_ = {name: Column(told(generator.choice(near, PEOPLE)), unit) for name, unit in numbers.items()}
    given_ |= {name: Column(told(generator.integers(0, 2, PEOPLE)), truth=True) for name in truths}
    people = People(
        day=DAY,
        age=told(generator.integers(0, 99, PEOPLE)),
        sex=generator.choice(["male", "female", ""], PEOPLE),
        pregnant=told(generator.integers(0, 2, PEOPLE)),
        days_ago=told(generator.choice(ago, PEOPLE)),
        observations=observations,
        given=given_,
    )
    return people, [one(people, person) for person in range(PEOPLE)]


def one(people: People, person: int) -> Facts:
    seen = [
        Observation(code, float(column.values[person]), column.unit, day_of(column, people, person))
        for code, column in people.observations.items()
        if column.told[person]
    ]
    given_ = {
        name: Given(bool(column.values[person]) if column.truth else float(column.values[person]), column.unit)
        for name, column in people.given.items()
        if column.told[person]
    }
    age, pregnant = people.age[person], people.pregnant[person]
    born = None if np.isnan(age) else date(DAY.year - int(age), DAY.month, DAY.day)
    patient = Patient(
        birth_date=born,
        sex=people.sex[person] or None,  # type: ignore[arg-type]
        pregnant=None if np.isnan(pregnant) else bool(pregnant),
        observations=tuple(seen),
    )
    return Facts(patient, (), DAY, "resident", given_)


def day_of(column: Column, people: People, person: int) -> date | None:
    ago = (people.days_ago if column.days_ago is None else column.days_ago)[person]
    return None if np.isnan(ago) else DAY - timedelta(days=int(ago))


@given(st.integers(0, 2**32 - 1))
@settings(deadline=None)
def test_the_same_alerts_in_the_same_words(pack: Pack, seed: int) -> None:
    people, singly = drawn(pack, seed)
    expected = [
        {
            (a.rule, a.severity, a.summary.zh, a.summary.en, a.action.zh, a.due_days)
            for a in evaluate(pack, facts).alerts
        }
        for facts in singly
    ]
    found: list[set[Any]] = [set() for _ in singly]
    for said in ask(pack.by_event["resident"], people):
        assert not said.failed
        for person in np.flatnonzero(said.answer):
            number = int(said.answer[person])
            alert = said.rule.answers[number - 1][1].alert
            summary, action = Wording(said.rule, number, people).of(int(person))
            found[person].add(
                (said.rule.rule.id, alert.severity, summary.zh, summary.en, action.zh, alert.due_days),
            )
    assert found == expected


@given(st.integers(0, 2**32 - 1))
@settings(deadline=None)
def test_what_could_not_be_decided_is_the_same_and_lacks_no_more(pack: Pack, seed: int) -> None:
    people, singly = drawn(pack, seed)
    said = list(ask(pack.by_event["resident"], people))
    for person, facts in enumerate(singly):
        review = evaluate(pack, facts)
        spoke = {alert.rule for alert in review.alerts}
        expected = {one.rule: set(one.missing) for one in review.unknown if one.rule not in spoke}
        found = {each.rule.rule.id: set(each.lacks(person)) for each in said if each.undecided[person]}
        assert found.keys() == expected.keys()
        assert all(found[rule] and found[rule] <= expected[rule] for rule in found)


def test_a_rule_that_fails_says_so_and_the_others_go_on(pack: Pack, monkeypatch: pytest.MonkeyPatch) -> None:
    people, _ = drawn(pack, 1)
    first = pack.by_event["resident"][0]
    monkeypatch.setattr(CompiledRule, "limits_on", broken_for(first, CompiledRule.limits_on))
    said = list(ask(pack.by_event["resident"], people))
    assert [each.failed for each in said] == ["ZeroDivisionError", *[""] * (len(said) - 1)]
    assert any(each.answer.any() for each in said)


def broken_for(rule: CompiledRule, limits_on: Any) -> Any:
    def broken(self: CompiledRule, day: date) -> Any:
        if self is rule:
            raise ZeroDivisionError
        return limits_on(self, day)

    return broken


@given(st.lists(st.floats(1e-6, 1e9) | st.just(0.0) | st.floats(-1e9, -1e-6), min_size=1, max_size=20))
def test_columns_are_rounded_as_single_values_are(values: list[float]) -> None:
    known = np.array(values)
    assert rounded(known) == pytest.approx([one_rounded(value) for value in values], rel=1e-12, abs=0)
