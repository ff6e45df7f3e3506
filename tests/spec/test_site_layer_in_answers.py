"""A site layer in force changes every answer of its model, and a layer that cannot be used is said in every answer."""

import csv
import io
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa
from residents import columns, drawn, write
from starlette.testclient import TestClient
from typer.testing import CliRunner

from cdss.models import diabetes_screen
from cdss.models.resident import RESIDENT as RESIDENT_COLUMNS
from cdss.models.site_layer import logit_of, sigmoid
from cdss.serving.platform.application import application
from cdss.serving.platform.cli import app
from cdss.serving.platform.config import Settings
from cdss.serving.population.monitoring.tables import counted
from cdss.serving.population.scoring.risks import Risks

MODEL = "diabetes_screen"
RESIDENT = {"id": "r1", "age": 52, "sex": "male", "bmi": 29, "waist_cm": 98, "sbp": 138, "family_diabetes": "yes"}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CDSS_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("CDSS_LANG", "en")
    return tmp_path / "home"


@pytest.fixture
def outcomes(tmp_path: Path) -> Path:
    """Two thousand residents with three times the odds of diabetes that the model says."""
    people = columns(2000, 1)
    logit = logit_of(diabetes_screen.load().assess_table({**people, "asian": np.ones(2000)}))
    return write(tmp_path / "local.csv", people, drawn(sigmoid(np.nan_to_num(logit, nan=-9.0) + np.log(3)), 1))


def run(*words: object) -> Any:
    result = CliRunner().invoke(app, [str(word) for word in words])
    assert result.exit_code == 0, result.output
    return result


def scored(tmp_path: Path, *more: str) -> dict[str, str]:
    """What `cdss score` says of the resident by the screening model."""
    table = tmp_path / "residents.csv"
    table.write_text(",".join(RESIDENT) + "\n" + ",".join(map(str, RESIDENT.values())) + "\n", encoding="utf-8")
    rows = csv.DictReader(io.StringIO(run("score", table, "--lang", "en", *more).stdout))
    return next(row for row in rows if row["model"] == MODEL)


def asked(client: TestClient) -> dict[str, Any]:
    """The same over HTTP."""
    (resident,) = client.post("/api/v1/risk?lang=en", json=RESIDENT).json()["residents"]
    return next(said for said in resident["models"] if said["model"] == MODEL)


def test_a_layer_moves_the_number_and_is_named_in_the_version(home: Path, outcomes: Path, tmp_path: Path) -> None:
    before = scored(tmp_path)
    run("calibrate", MODEL, outcomes)
    after = scored(tmp_path)
    assert float(after["probability"]) > 1.5 * float(before["probability"])
    assert after["version"].startswith(before["version"] + "+site.")
    run("calibrate", MODEL, "--rollback")
    assert scored(tmp_path) == before


def test_a_running_service_takes_a_new_layer(home: Path, outcomes: Path) -> None:
    with TestClient(application(Settings(home=home))) as client:
        before = asked(client)
        run("calibrate", MODEL, outcomes)
        after = asked(client)
    assert after["probability"] > 1.5 * before["probability"]
    total = sum(why["contribution"] for why in after["reasons"])
    assert total != pytest.approx(0)


def test_a_layer_that_was_changed_by_hand_is_not_used_and_every_answer_says_so(
    home: Path, outcomes: Path, tmp_path: Path
) -> None:
    before = scored(tmp_path)
    run("calibrate", MODEL, outcomes)
    for layer in (home / "calibration" / MODEL).glob("[0-9a-f]*.json"):
        layer.write_text(layer.read_text(encoding="utf-8").replace('"slope": 1.0', '"slope": 1.5'), encoding="utf-8")
    after = scored(tmp_path)
    assert after["probability"] == before["probability"]
    assert "the site layer is not used, the model answers as it was shipped" in after["reasons"]


def test_after_calibration_the_screening_model_may_decide() -> None:
    """Whom it flags alone is tested for diabetes only where this site has calibrated it."""
    risks = Risks()
    eager = {**risks.layers, MODEL: replace(risks.layers[MODEL], flags=dict.fromkeys(("c", "b", "a_fh", "a"), 0.0))}
    told = {"age": 34, "sex": 1, "bmi": 34, "waist_cm": 84, "sbp": 109, "family_diabetes": 0}
    known = {name: np.array([float(told.get(name, np.nan))]) for name in RESIDENT_COLUMNS}
    answers = replace(risks, site=SimpleNamespace(of=eager)).answers(known)
    assert {each.model for each in answers if each.flagged[0]} == {MODEL}
    calibrated = {**eager, MODEL: replace(eager[MODEL], document=object())}
    decided = [replace(risks, site=SimpleNamespace(of=of)).diabetes_flagged(answers)[0] for of in (eager, calibrated)]
    assert [bool(flagged[0]) for flagged in decided] == [False, True]


def test_what_the_models_were_asked_is_counted_once(home: Path, tmp_path: Path) -> None:
    scored(tmp_path)
    scored(tmp_path, "--worklist")
    engine = sa.create_engine(f"sqlite:///{home / 'cdss.sqlite'}")
    answered = sa.select(sa.func.sum(counted.c.people)).where(counted.c.model == MODEL, counted.c.kind == "answered")
    with engine.connect() as connection:
        assert connection.scalar(answered) == 1
    engine.dispose()
