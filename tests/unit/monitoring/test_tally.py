"""Counting: the same however a run is cut, never a person, and added by the database."""

import subprocess
import sys
from datetime import date

import numpy as np
import pytest
import sqlalchemy as sa
from residents import Columns, columns

from cdss.models import diabetes_screen
from cdss.models.additive import Additive
from cdss.serving.population.calibration import known
from cdss.serving.population.monitoring import reference, store
from cdss.serving.population.monitoring.drift import compared
from cdss.serving.population.monitoring.tables import counted
from cdss.serving.population.monitoring.tally import Tally, tally

DAY = date(2026, 11, 25)
NAME = "diabetes_screen"


@pytest.fixture(scope="module")
def model() -> Additive:
    return diabetes_screen.load()


def people(count: int, seed: int = 1) -> Columns:
    """Some are too old for the model, some lack their weight."""
    found = columns(count, seed) | {"asian": np.ones(count)}
    found["age"][: count // 10] = 85
    found["weight_kg"][count // 2 : count // 2 + count // 5] = np.nan
    return found


def seen(into: Tally, model: Additive, some: Columns, rows: np.ndarray | None = None, version: str = "1.1.0") -> None:
    into.seen(NAME, version, model.assess_table(some), some, DAY, rows)


def stored(engine: sa.Engine, into: Tally) -> dict[tuple[object, ...], int]:
    with engine.begin() as connection:
        into.write(connection)
        return {tuple(row)[:-1]: row.people for row in connection.execute(sa.select(counted))}


def test_counts_are_those_of_the_people(engine: sa.Engine, model: Additive) -> None:
    one = tally([model])
    seen(one, model, people(1000))
    where = (DAY.isoformat(), NAME, "1.1.0")
    found = stored(engine, one)
    answers = model.assess_table(people(1000))
    too_little = answers.problems.index("too-little-known")
    assert found[*where, "answered", "a", 0] == (answers.tier == 3).sum() == 700
    assert found[*where, "unanswered", "outside-age", 0] == 100
    assert found[*where, "unanswered", "too-little-known", 0] == (answers.problem == too_little).sum() == 200
    by_age = [n for key, n in found.items() if key[3:5] == ("input", "age")]
    assert sum(by_age) == 900, "those whom the model is for, answered or not"
    assert sum(n for key, n in found.items() if key[3:5] == ("score", "a")) == 700


def test_a_measurement_that_is_lost_shows_as_missing(engine: sa.Engine, model: Additive) -> None:
    one = tally([model])
    everyone = people(1000)
    del everyone["waist_cm"]
    seen(one, model, everyone)
    assert stored(engine, one)[DAY.isoformat(), NAME, "1.1.0", "input", "waist_cm", -1] == 900


def test_the_same_however_a_run_is_cut(engine: sa.Engine, model: Additive) -> None:
    whole, cut = tally([model]), tally([model])
    everyone = people(1000)
    seen(whole, model, everyone)
    with engine.begin() as connection:
        whole.write(connection)
        expected = list(connection.execute(sa.select(counted).order_by(*counted.c)))
        connection.execute(sa.delete(counted))
        for start in range(0, 1000, 170):
            seen(cut, model, {name: column[start : start + 170] for name, column in everyone.items()})
            cut.write(connection)
        assert list(connection.execute(sa.select(counted).order_by(*counted.c))) == expected


def test_rows_with_a_fault_are_counted_as_such_and_nothing_else_of_them(engine: sa.Engine, model: Additive) -> None:
    rows = np.ones(1000, bool)
    rows[500:] = False
    one, half = tally([model]), tally([model])
    everyone = people(1000)
    seen(one, model, everyone, rows)
    seen(half, model, {name: column[:500] for name, column in everyone.items()})
    found = stored(engine, one)
    assert found.pop((DAY.isoformat(), NAME, "1.1.0", "unanswered", "row-fault", 0)) == 500
    with engine.begin() as connection:
        connection.execute(sa.delete(counted))
    assert found == stored(engine, half)


def test_a_model_without_a_reference_is_counted_by_its_answers_only(engine: sa.Engine, model: Additive) -> None:
    one = Tally({NAME: None})
    seen(one, model, people(300))
    assert {key[3] for key in stored(engine, one)} == {"answered", "unanswered"}


def test_if_the_database_is_away_nothing_is_lost(engine: sa.Engine, model: Additive) -> None:
    one = tally([model])
    seen(one, model, people(100))
    away = sa.create_engine("sqlite://")
    with away.connect() as connection, pytest.raises(sa.exc.OperationalError):
        one.write(connection)
    away.dispose()
    assert one.waiting() == 100
    assert sum(n for key, n in stored(engine, one).items() if key[3] in ("answered", "unanswered")) == 100
    assert one.waiting() == 0


def test_no_person_is_in_the_table(engine: sa.Engine) -> None:
    assert {column.name for column in counted.c} == {"day", "model", "version", "kind", "name", "bin", "people"}


ADDING = """
import sys
from cdss.serving.platform import database
from cdss.serving.population.monitoring.store import add
engine = database.connect(sys.argv[1])
rows = [{"day": "2026-11-25", "model": "m", "version": "1", "kind": "input", "name": name, "bin": 0, "people": 3}
        for name in sys.argv[2].split(",")]
for _ in range(50):
    with engine.begin() as connection:
        add(connection, rows)
"""


def test_processes_that_add_at_once_lose_nothing(engine: sa.Engine) -> None:
    """In opposite order too: two writers that wait for each other would never end."""
    url = str(engine.url)
    runs = [subprocess.Popen([sys.executable, "-c", ADDING, url, names]) for names in ("a,b,c", "c,b,a")]
    assert [run.wait(60) for run in runs] == [0, 0]
    with engine.connect() as connection:
        found = {row.name: row.people for row in connection.execute(sa.select(counted))}
    assert found == dict.fromkeys("abc", 2 * 50 * 3)


@pytest.mark.parametrize("name", ["diabetes_screen", "diabetes_incident_cn", "bp_control", "ckd_alert"])
def test_every_shipped_model_has_a_reference_that_adds_up(name: str) -> None:
    model = known.model(name)
    found = reference.of(model.card)
    assert found
    assert found.n > 1000
    assert set(found.features) <= set(model.FEATURES)
    assert set(found.scores) == {tier.name for tier in model.tiers}
    for shares in (*found.features.values(), *found.scores.values()):
        assert len(shares.share) == len(shares.edges) + 1
        assert sum(shares.share) == pytest.approx(1, abs=1e-4)
        assert list(shares.edges) == sorted(set(shares.edges))


def test_versions_with_and_without_a_layer_are_counted_apart_and_compared_together(
    engine: sa.Engine, model: Additive
) -> None:
    one = tally([model])
    seen(one, model, people(400))
    seen(one, model, people(600, 2), version="1.1.0+site.abc12345")
    stored(engine, one)
    with engine.connect() as connection:
        answered = {row.version: row.people for row in store.answers(connection) if row.kind == "answered"}
        bins = store.bins(connection, NAME, "1.1.0", ("2026-11-25", "2026-11-25"))
        other = store.bins(connection, NAME, "1.1.00", ("2026-11-25", "2026-11-25"))
    assert answered == {"1.1.0": 280, "1.1.0+site.abc12345": 420}
    assert sum(bins["score", "a"].values()) == 700
    assert other == {}


@pytest.mark.parametrize("name", ["diabetes_screen", "diabetes_incident_cn", "bp_control", "ckd_alert"])
def test_people_drawn_as_the_reference_says_have_not_drifted_from_it(name: str) -> None:
    found, draw = reference.of(known.model(name).card), np.random.default_rng(6)
    assert found
    for shares in (*found.features.values(), *found.scores.values()):
        people = draw.multinomial(2000, np.array(shares.share) / sum(shares.share)).tolist()
        then = [share * found.n for share in shares.share]
        assert compared(people, 0, then, 0).level == "stable"
