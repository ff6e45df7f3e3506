"""Monitoring as its users see it: the command, the page, the metrics."""

import json
import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa
from residents import Columns, columns, drawn
from starlette.testclient import TestClient
from typer.testing import CliRunner, Result

from cdss.models import diabetes_screen
from cdss.models.additive import Additive
from cdss.serving.platform import database
from cdss.serving.platform.application import application
from cdss.serving.platform.cli import app
from cdss.serving.platform.config import Settings
from cdss.serving.population.monitoring import predictions
from cdss.serving.population.monitoring.recorder import Recorder
from cdss.serving.population.monitoring.tally import tally

NAME = "diabetes_screen"
TODAY = date.today()  # noqa: DTZ011
BEFORE = TODAY - timedelta(days=5)


@pytest.fixture(scope="module")
def model() -> Additive:
    return diabetes_screen.load()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CDSS_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("CDSS_LANG", "en")
    return tmp_path / "home"


@pytest.fixture
def engine(home: Path) -> Iterator[sa.Engine]:
    home.mkdir()
    engine = database.connect(Settings(home=home).database)
    database.migrate(engine)
    yield engine
    engine.dispose()


def scored(engine: sa.Engine, model: Additive, people: Columns, day: date = TODAY) -> np.ndarray:
    """What `cdss score` does for monitoring; the probabilities."""
    one, asked = tally([model]), people | {"asian": np.ones(len(people["age"]))}
    table = model.assess_table(asked)
    one.seen(NAME, model.card.version, table, asked, day)
    with engine.begin() as connection:
        one.write(connection)
    return table.probability


def cdss(*words: object) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


def shown(*words: object) -> dict[str, Any]:
    run = cdss("monitor", "show", NAME, "--json", *words)
    assert run.exit_code == 0, run.output
    (watch,) = json.loads(run.stdout)
    return watch


def item(watch: dict[str, Any], name: str, kind: str = "input") -> dict[str, Any]:
    return next(one for one in watch["watched"] if (one["kind"], one["name"]) == (kind, name))


def test_without_records_the_usage_is_explained(home: Path) -> None:
    run = cdss("monitor", "show")
    assert (run.exit_code, "found no records" in run.output) == (2, True)


def test_another_name_is_answered_with_the_models_there_are(engine: sa.Engine) -> None:
    run = cdss("monitor", "show", "fracture")
    assert (run.exit_code, "diabetes_screen" in run.output) == (2, True)


def test_before_anybody_was_scored_nothing_is_said_of_drift(engine: sa.Engine) -> None:
    watch = shown()
    assert (watch["answered"], watch["drift"]) == ([], "too-few")


def test_a_site_is_compared_with_training_at_once(engine: sa.Engine, model: Additive) -> None:
    scored(engine, model, columns(3000))
    watch = shown()
    assert watch["answered"][0]["n"] == 3000
    assert watch["answered"][0]["share"] == 1
    bmi = item(watch, "bmi")
    assert bmi["training"]["level"] == "major", "a mean BMI of 24 is not that of Americans"
    assert (bmi["site"]["level"], bmi["level"]) == ("gathering", "major")
    assert item(watch, "glucose_random_mmol")["training"]["missing"] == 1


def test_and_with_its_own_beginning_once_2000_people_were_scored_before_today(
    engine: sa.Engine, model: Additive
) -> None:
    scored(engine, model, columns(2500), BEFORE)
    assert shown()["baseline"] == [BEFORE.isoformat()] * 2
    scored(engine, model, columns(1500, seed=2))
    watch = shown()
    assert item(watch, "bmi")["site"]["psi"] < 0.1
    assert item(watch, "bmi")["level"] == "stable", "now judged by this site's own beginning"
    assert item(watch, "a", "score")["site"]["level"] == "stable"


def test_what_moved_since_is_found(engine: sa.Engine, model: Additive) -> None:
    """A cuff that reads 20 mmHg high: pressure and the score have drifted, the pulse has not."""
    scored(engine, model, columns(2500), BEFORE)
    scored(engine, model, columns(1500, seed=2, sbp=20))
    watch = shown()
    assert item(watch, "sbp")["site"]["psi"] > 0.25
    assert (item(watch, "sbp")["level"], item(watch, "pulse")["level"], watch["drift"]) == ("major", "stable", "major")


def test_a_column_that_was_renamed_is_found(engine: sa.Engine, model: Additive) -> None:
    scored(engine, model, columns(2500), BEFORE)
    later = columns(1500, seed=2)
    del later["waist_cm"]
    scored(engine, model, later)
    assert item(shown(), "waist_cm")["site"] | {"share_then": 0} == {
        "level": "major", "n": 1500, "psi": None, "missing": 1.0, "missing_then": 0.0, "share": [], "share_then": 0,
    }  # fmt: skip


def test_of_few_people_nothing_is_said(engine: sa.Engine, model: Additive) -> None:
    scored(engine, model, columns(199))
    assert {one["level"] for one in shown()["watched"]} == {"too-few"}


def test_only_the_days_asked_for_count(engine: sa.Engine, model: Additive) -> None:
    scored(engine, model, columns(400), TODAY - timedelta(days=40))
    assert shown()["answered"] == []
    assert shown("--days", 60)["answered"][0]["n"] == 400


def test_the_baseline_can_be_set_and_that_is_audited(engine: sa.Engine, model: Additive) -> None:
    scored(engine, model, columns(600), BEFORE)
    run = cdss("monitor", "baseline", "--from", BEFORE, "--to", BEFORE)
    assert (run.exit_code, run.stdout) == (0, f"{NAME} {model.card.version}: 600 people\n")
    scored(engine, model, columns(600, seed=2))
    assert item(shown(), "bmi")["site"]["level"] == "stable"
    assert '"event": "baseline"' in cdss("audit", "export").stdout


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--from", "2020-01-01", "--to", "2020-01-02"), "found nobody who was scored"),
        (("--from", "2026-02-30"), "found '2026-02-30', expected a day YYYY-MM-DD"),
        (("--from", "2026-02-02", "--to", "2026-02-01"), "after --to"),
    ],
)
def test_a_baseline_of_nobody_is_refused(engine: sa.Engine, words: tuple[str, ...], says: str) -> None:
    run = cdss("monitor", "baseline", *words)
    assert run.exit_code == 2
    assert says in " ".join(re.sub(r"[│╭╮╰╯─]", " ", run.output).split())


def predicted(engine: sa.Engine, model: Additive, count: int = 3000, version: str = "1.1.0") -> np.ndarray:
    """Residents kept on the worklist five days ago; their probabilities."""
    risk = scored(engine, model, columns(count), BEFORE)
    rows = [
        {"resident": f"R{number}", "model": NAME, "day": BEFORE.isoformat(), "version": version, "tier": "a",
         "probability": float(one)}
        for number, one in enumerate(risk)
    ]  # fmt: skip
    with engine.begin() as connection:
        predictions.put(connection, rows)
    return risk


def outcome_file(path: Path, events: np.ndarray) -> Path:
    lines = [f"R{number},{TODAY.isoformat()},{'是' if event else '否'}" for number, event in enumerate(events)]
    path.write_text("id,date,outcome\n" + "\n".join(lines), encoding="utf-8")
    return path


@pytest.mark.parametrize(("times", "level"), [(1.0, "stable"), (2.5, "major")], ids=["as predicted", "far more"])
def test_outcomes_that_come_back_tell_whether_probabilities_fit(
    engine: sa.Engine, model: Additive, tmp_path: Path, times: float, level: str
) -> None:
    events = drawn(predicted(engine, model) * times)
    run = cdss("monitor", "outcomes", outcome_file(tmp_path / "o.csv", events), "--json")
    assert (run.exit_code, json.loads(run.stdout)["compared"]) == (0, 3000)
    (found,) = shown()["calibrations"]
    assert (found["version"], found["all"]["n"], found["all"]["level"]) == ("1.1.0", 3000, level)
    assert found["all"]["o_e"]["value"] == pytest.approx(times, rel=0.25)


def test_rows_of_outcomes_that_cannot_be_used_are_counted_by_why(
    engine: sa.Engine, model: Additive, tmp_path: Path
) -> None:
    predicted(engine, model, 10)
    tomorrow = TODAY + timedelta(days=1)
    rows = [
        f"R1,{TODAY:%Y/%m/%d},yes", f"R2,{TODAY:%Y}年{TODAY:%m}月{TODAY:%d}日,no", f",{TODAY},yes", "R3,soon,yes",
        f"R4,{tomorrow},yes", f"R5,{TODAY},perhaps", f"R99,{TODAY},no",
    ]  # fmt: skip
    file = tmp_path / "o.csv"
    file.write_bytes(("id,date,outcome\n" + "\n".join(rows)).encode("gb18030"))
    counts = json.loads(cdss("monitor", "outcomes", file, "--json").stdout)
    assert counts == {
        "compared": 2, "no-prediction": 4, "no-id": 1, "no-date": 1, "date-in-the-future": 1, "no-outcome": 1,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "says"),
    [("id,when\nR1,x\n", "expected also date, outcome"), ("", "cannot be read")],
    ids=["columns missing", "empty"],
)
def test_a_table_of_outcomes_that_cannot_be_read_is_a_usage_error(
    engine: sa.Engine, tmp_path: Path, text: str, says: str
) -> None:
    (tmp_path / "o.csv").write_text(text, encoding="utf-8")
    run = cdss("monitor", "outcomes", tmp_path / "o.csv")
    assert run.exit_code == 2
    assert says in " ".join(re.sub(r"[│╭╮╰╯─]", " ", run.output).split())


def test_the_words_are_in_both_languages(engine: sa.Engine, model: Additive) -> None:
    scored(engine, model, columns(500))
    assert "明显漂移" in cdss("monitor", "show", "--lang", "zh").stdout
    assert "major drift" in cdss("monitor", "show", "--lang", "en").stdout


@pytest.fixture
def client(engine: sa.Engine, model: Additive, home: Path, tmp_path: Path) -> Iterator[TestClient]:
    """A front whose command scored residents, before it was started."""
    events = drawn(predicted(engine, model) * 2.5)
    assert cdss("monitor", "outcomes", outcome_file(tmp_path / "o.csv", events)).exit_code == 0
    scored(engine, model, columns(1500, seed=2, sbp=20))
    with TestClient(application(Settings(home=home, lang="en"))) as client:
        yield client


def test_metrics_hold_what_the_command_scored(client: TestClient) -> None:
    text = client.get("/metrics").text
    assert 'cdss_model_scored_total{model="diabetes_screen",tier="a",version="1.1.0"} 4500.0' in text
    psi = re.search(r'cdss_model_psi{against="site",model="diabetes_screen",name="sbp",version="1.1.0"} (\S+)', text)
    assert psi
    assert float(psi[1]) > 0.25
    fits = re.search(r'cdss_model_observed_expected{model="diabetes_screen",version="1.1.0"} (\S+)', text)
    assert fits
    assert float(fits[1]) == pytest.approx(2.5, rel=0.25)
    assert 'cdss_site_layer_refused{model="diabetes_screen"} 0.0' in text
    assert "cdss_order_checks_total" in text, "and the others are still there"


def test_metrics_are_read_once_a_minute(client: TestClient, engine: sa.Engine, model: Additive) -> None:
    before = client.get("/metrics").text
    scored(engine, model, columns(300, seed=3))
    assert _scored(client.get("/metrics").text) == _scored(before)


def _scored(text: str) -> list[str]:
    return re.findall(r"cdss_model_scored_total.*", text)


@pytest.mark.parametrize(
    ("lang", "words"),
    [("en", ("Models watched", "major drift", "far off what happens", "systolic pressure")),
     ("zh", ("模型监测", "明显漂移", "与实际明显不符", "收缩压"))],
)  # fmt: skip
@pytest.mark.parametrize("path", ["/monitoring", f"/monitoring/{NAME}"])
def test_the_page_says_it_in_words(client: TestClient, path: str, lang: str, words: tuple[str, ...]) -> None:
    answer = client.get(f"{path}?lang={lang}")
    assert answer.status_code == 200
    for word in words:
        assert word in answer.text
    assert "<svg" in answer.text
    assert f"/models/{NAME}" in answer.text


def test_the_page_is_found_from_the_models(client: TestClient) -> None:
    assert "/monitoring" in client.get("/models").text
    assert f"/monitoring/{NAME}" in client.get(f"/models/{NAME}").text


@pytest.mark.parametrize("path", ["/monitoring/nothing", "/monitoring/fracture"])
def test_a_model_that_is_not_watched_has_no_page(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("days", ["", "abc", "-1", "100000000000000", "31"])
def test_a_strange_period_is_the_usual_one(client: TestClient, days: str) -> None:
    answer = client.get(f"/monitoring?days={days}&lang=en")
    assert answer.status_code == 200
    assert re.search(r'aria-current="page">last 30 days', answer.text)


def test_counts_of_a_running_service_are_written_behind_and_at_its_end(engine: sa.Engine, model: Additive) -> None:
    one = Recorder(engine, tally([model]))
    one.start()
    people = columns(100) | {"asian": np.ones(100)}
    one.tally.seen(NAME, "1.1.0", model.assess_table(people), people, TODAY)
    one.stop()
    assert (one.tally.waiting(), shown()["answered"][0]["n"]) == (0, 100)
