"""Counts and outcomes on a real PostgreSQL: several processes add at once, and what is stored is as on SQLite."""

import subprocess
import sys
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from cdss.serving.platform import database
from cdss.serving.population.monitoring import predictions, store
from cdss.serving.population.monitoring.outcomes import Outcome, join, ripe
from cdss.serving.population.monitoring.tables import counted

pytestmark = pytest.mark.interop
DAY = date(2026, 11, 25)
ADDING = """
import sys
from cdss.serving.platform import database
from cdss.serving.population.monitoring.store import add
engine = database.connect(sys.argv[1])
rows = [{"day": "2026-11-25", "model": "m", "version": "1+site.a", "kind": "input", "name": name, "bin": 0, "people": 3}
        for name in sys.argv[2].split(",")]
for _ in range(100):
    with engine.begin() as connection:
        add(connection, rows)
"""


def test_processes_that_add_at_once_lose_nothing(url: str) -> None:
    engine = database.connect(url)
    database.migrate(engine)
    runs = [subprocess.Popen([sys.executable, "-c", ADDING, url, names]) for names in ("a,b,c", "c,b,a", "b,c,a")]
    assert [run.wait(60) for run in runs] == [0, 0, 0]
    with engine.connect() as connection:
        found = {row.name: row.people for row in connection.execute(sa.select(counted))}
        bins = store.bins(connection, "m", "1", store.window(DAY, 30))
    engine.dispose()
    assert found == dict.fromkeys("abc", 3 * 100 * 3)
    assert bins["input", "a"] == {0: 900}


def test_outcomes_are_compared_and_an_event_stays_one(url: str) -> None:
    engine = database.connect(url)
    database.migrate(engine)
    made = {"resident": "R1", "model": "diabetes_screen", "day": DAY.isoformat(), "version": "1", "tier": "a"}
    with engine.begin() as connection:
        predictions.put(connection, [{**made, "probability": 0.1}])
        for days, event in ((1, False), (2, True), (3, False)):
            join(connection, [Outcome("R1", DAY + timedelta(days), event)], "diabetes")
        assert [(row.event, row.probability) for row in ripe(connection, "diabetes_screen")] == [(1, 0.1)]
        assert store.set_baseline(connection, store.window(DAY, 1)) == {}
    engine.dispose()
