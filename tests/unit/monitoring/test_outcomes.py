"""Outcomes that come back: which prediction each is compared with, and what is said of the calibration."""

from collections import Counter
from datetime import date, timedelta
from types import SimpleNamespace

import numpy as np
import pytest
import sqlalchemy as sa

from cdss.serving.population.monitoring import predictions
from cdss.serving.population.monitoring.calibration import calibrations, fit, quarter
from cdss.serving.population.monitoring.outcomes import Outcome, join, ripe
from cdss.serving.population.monitoring.tables import observed, prediction
from cdss.serving.population.scoring.assessment import Assessment, ModelSaid

NOW, AHEAD = "diabetes_screen", "diabetes_incident_cn"
DAY = date(2026, 1, 1)


def put(connection: sa.Connection, model: str, *days: int, resident: str = "R1", version: str = "1.0.0") -> None:
    """Predictions so many days after DAY; the probability tells which one it is."""
    rows = [
        {"resident": resident, "model": model, "day": (DAY + timedelta(days)).isoformat(), "version": version,
         "tier": "a", "probability": days / 10_000}
        for days in days
    ]  # fmt: skip
    predictions.put(connection, rows)


def compared(connection: sa.Connection, *outcomes: tuple[int, bool], model: str) -> list[tuple[int, int]]:
    """After these outcomes: (days of the prediction, event) of what is stored."""
    join(connection, [Outcome("R1", DAY + timedelta(day), event, model) for day, event in outcomes], "diabetes")
    rows = connection.execute(sa.select(observed).order_by(observed.c.predicted_on))
    return [(round(row.probability * 10_000), row.event) for row in rows]


@pytest.mark.parametrize(
    ("what", "made", "outcome", "expected"),
    [
        ("the latest one before it", (0, 30, 60), (40, True), [(30, 1)]),
        ("one of the same day", (40,), (40, False), [(40, 0)]),
        ("none that was made later", (50,), (40, True), []),
        ("half a year later still", (0,), (183, False), [(0, 0)]),
        ("a day after that no more", (0,), (184, False), []),
    ],
)
def test_what_is_so_now_is_compared_with_the_latest_prediction(
    engine: sa.Engine, what: str, made: tuple[int, ...], outcome: tuple[int, bool], expected: list[tuple[int, int]]
) -> None:
    with engine.begin() as connection:
        put(connection, NOW, *made)
        assert compared(connection, outcome, model=NOW) == expected


@pytest.mark.parametrize(
    ("what", "made", "outcome", "expected"),
    [
        ("the earliest that the three years reach", (0, 400, 800), (1000, True), [(0, 1)]),
        ("not one that is older", (0, 400, 800), (1200, True), [(400, 1)]),
        ("an early event counts", (0,), (30, True), [(0, 1)]),
        ("a year without it is too short to say no", (0,), (365, False), []),
        ("two years are enough", (0,), (730, False), [(0, 0)]),
        ("of several, the earliest with two years", (0, 100, 700), (1150, False), [(100, 0)]),
    ],
)
def test_what_lies_ahead_is_compared_with_the_earliest_that_is_reached(
    engine: sa.Engine, what: str, made: tuple[int, ...], outcome: tuple[int, bool], expected: list[tuple[int, int]]
) -> None:
    with engine.begin() as connection:
        put(connection, AHEAD, *made)
        assert compared(connection, outcome, model=AHEAD) == expected


def test_an_event_stays_an_event_whatever_comes_after_and_before(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        put(connection, NOW, 0)
        assert compared(connection, (20, False), (30, True), (40, False), model=NOW) == [(0, 1)]


def test_the_same_outcome_twice_is_one(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        put(connection, NOW, 0)
        assert compared(connection, (20, True), (20, True), model=NOW) == [(0, 1)]


def test_an_outcome_that_names_no_model_is_of_every_model_of_the_event(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        put(connection, NOW, 0)
        put(connection, AHEAD, 0)
        counts = join(connection, [Outcome("R1", DAY + timedelta(20), True), Outcome("R2", DAY, True)], "diabetes")
        assert counts == Counter({"compared": 2, "no-prediction": 2})


def test_predictions_that_are_too_young_wait_else_early_events_would_stand_alone(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        for number in range(20):
            put(connection, AHEAD, 0, resident=f"R{number}")
        join(connection, [Outcome(f"R{n}", DAY + timedelta(100), True, AHEAD) for n in range(3)], "diabetes")
        assert ripe(connection, AHEAD) == []
        join(connection, [Outcome(f"R{n}", DAY + timedelta(730), False, AHEAD) for n in range(3, 20)], "diabetes")
        assert Counter(row.event for row in ripe(connection, AHEAD)) == {1: 3, 0: 17}


def said(model: str, probability: float | None, basis: str = "a") -> ModelSaid:
    return ModelSaid(model=model, version="1.0.0", tier="low", probability=probability, basis=basis)


def assessed(*models: ModelSaid, day: date = DAY, id: str = "R1") -> Assessment:
    return Assessment(id=id, day=day, age=50, sex="male", village="", doctor="", models=models, advices=())


def kept(connection: sa.Connection) -> list[tuple[str, str, float]]:
    return [(row.model, row.day, row.probability) for row in connection.execute(sa.select(prediction))]


def test_of_a_resident_only_what_the_comparison_needs_is_kept(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        one = assessed(said(NOW, 0.1), said(AHEAD, None), said("prevent", 0.2, basis=""))
        predictions.keep(connection, [one], DAY, 100)
        assert kept(connection) == [(NOW, "2026-01-01", 0.1)]
    assert {column.name for column in prediction.c} == {"resident", "model", "day", "version", "tier", "probability"}


def test_a_second_assessment_of_the_day_replaces_the_first(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        for risk in (0.1, 0.3):
            predictions.keep(connection, [assessed(said(NOW, risk))], DAY, 100)
        assert kept(connection) == [(NOW, "2026-01-01", 0.3)]


@pytest.mark.parametrize(("days", "left"), [(100, 1), (101, 2), (0, 0)], ids=["over", "not yet over", "none are kept"])
def test_predictions_are_deleted_when_their_time_is_over(engine: sa.Engine, days: int, left: int) -> None:
    with engine.begin() as connection:
        predictions.keep(connection, [assessed(said(NOW, 0.1))], DAY, 100)
        later = DAY + timedelta(101)
        predictions.keep(connection, [assessed(said(NOW, 0.1), day=later, id="R2")], later, days)
        assert len(kept(connection)) == left


def test_a_resident_is_forgotten_with_outcomes(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        put(connection, NOW, 0)
        compared(connection, (20, True), model=NOW)
        predictions.forget(connection, "R1")
        assert (kept(connection), list(connection.execute(sa.select(observed)))) == ([], [])


def pairs(
    count: int, odds: float = 1.0, day: str = "2026-02-01", version: str = "1.0.0", seed: int = 1
) -> list[object]:
    """Predictions of 2 to 20 % with what happened, the odds being `odds` times as large."""
    draw = np.random.default_rng(seed)
    risk = draw.uniform(0.02, 0.2, count)
    true = odds * risk / (1 - risk + odds * risk)
    event = (draw.random(count) < true).astype(int)
    return [
        SimpleNamespace(version=version, predicted_on=day, event=int(e), probability=float(p))
        for e, p in zip(event, risk, strict=True)
    ]


@pytest.mark.parametrize(
    ("odds", "count", "level"),
    [(1.0, 3000, "stable"), (2.5, 3000, "major"), (0.4, 3000, "major"), (1.3, 3000, "moderate"), (1.0, 60, "too-few")],
    ids=["as predicted", "far more", "far fewer", "somewhat more", "too few people"],
)
def test_calibration_is_told_with_its_interval(odds: float, count: int, level: str) -> None:
    found = fit(pairs(count, odds))
    assert found.level == level
    assert (found.o_e is None) == (level == "too-few")


def test_nothing_happened_where_much_was_expected_is_said_too() -> None:
    found = fit([SimpleNamespace(version="1", predicted_on="2026-01-01", event=0, probability=0.1) for _ in range(400)])
    assert (found.events, round(found.expected), found.level) == (0, 40, "major")


def test_versions_and_quarters_are_told_apart() -> None:
    rows = [*pairs(500, day="2026-03-31"), *pairs(600, 3.0, day="2026-04-01"), *pairs(400, version="1.0.0+site.abc")]
    found = calibrations(rows)
    assert [one.version for one in found] == ["1.0.0", "1.0.0+site.abc"]
    assert [(one.period, one.n) for one in found[0].quarters] == [("2026-Q1", 500), ("2026-Q2", 600)]
    assert found[0].quarters[1].level == "major"
    assert found[0].all.n == 1100


@pytest.mark.parametrize(
    ("day", "said"),
    [("2026-01-01", "2026-Q1"), ("2026-03-31", "2026-Q1"), ("2026-04-01", "2026-Q2"), ("2026-12-31", "2026-Q4")],
)
def test_quarters(day: str, said: str) -> None:
    assert quarter(day) == said
