"""On real people: those of the training have not drifted from the training; those of one centre have, by its assay."""

import os
from datetime import date
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa

from cdss.datasets import rich_cn
from cdss.models import diabetes_incident_cn
from cdss.models.card import Card
from cdss.serving.population.monitoring.report import Watch, watch
from cdss.serving.population.monitoring.tally import tally

pytestmark = pytest.mark.data
DAY = date(2026, 11, 25)


@pytest.fixture(scope="module")
def people() -> dict[str, np.ndarray]:
    """Everybody of rich_cn, in an order drawn at random."""
    if not os.environ.get("CDSS_DATA"):
        pytest.skip("needs the public data sets: set CDSS_DATA")
    frame = rich_cn.read().sample(fraction=1, shuffle=True, seed=8)
    return {name: frame[name].fill_null(float("nan")).to_numpy() for name in (*rich_cn.COLUMNS, "site")}


def watched(engine: sa.Engine, some: dict[str, np.ndarray]) -> Watch:
    model = diabetes_incident_cn.load()
    card: Card = model.card
    one = tally([model])
    one.seen(card.name, card.version, model.assess_table(some), some, DAY)
    with engine.begin() as connection:
        one.write(connection)
        return watch(connection, Path(str(engine.url.database)).parent, card, DAY)


def test_five_thousand_of_the_training_people_are_stable(engine: sa.Engine, people: dict[str, np.ndarray]) -> None:
    found = watched(engine, {name: column[:5000] for name, column in people.items()})
    known = {one.name: one.training.psi for one in found.watched if one.training.psi is not None}
    print({name: round(psi, 4) for name, psi in known.items()})  # noqa: T201
    assert {"age", "fpg_mmol", "bmi", "b"} <= known.keys()
    assert all(psi < 0.1 for psi in known.values())
    assert found.drift == "stable"


def test_a_centre_whose_glucose_reads_high_is_found(engine: sa.Engine, people: dict[str, np.ndarray]) -> None:
    """Site 10: its mean fasting glucose is 0.31 mmol/L above that of all."""
    found = watched(engine, {name: column[people["site"] == 10] for name, column in people.items()})
    by_name = {one.name: one.training for one in found.watched}
    assert by_name["fpg_mmol"].level == "major"
    assert by_name["sex"].level == "stable"
