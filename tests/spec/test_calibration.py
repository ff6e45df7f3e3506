"""`cdss calibrate`: what a site may rely on when it moves a model by its own outcomes."""

import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from residents import columns, drawn, write
from starlette.testclient import TestClient
from typer.testing import CliRunner, Result

from cdss.models import diabetes_incident_cn, diabetes_screen
from cdss.models.additive import Additive
from cdss.models.site_layer import logit_of, sigmoid
from cdss.serving.platform.application import application
from cdss.serving.platform.cli import app
from cdss.serving.platform.config import Settings
from cdss.serving.population.calibration import in_force
from cdss.serving.population.calibration.shelf import Shelf

MODEL = "diabetes_screen"
Site = Callable[..., Path]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CDSS_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("CDSS_LANG", "en")
    return tmp_path / "home"


@pytest.fixture(scope="module")
def screen() -> Additive:
    return diabetes_screen.load()


@pytest.fixture
def site(tmp_path: Path, screen: Additive) -> Site:
    """A table of residents whose odds of diabetes are `odds` times what the model says."""

    def make(count: int = 2000, odds: float = 2.0, seed: int = 1, **cells: list[str]) -> Path:
        people = columns(count, seed)
        logit = logit_of(screen.assess_table({**people, "asian": np.ones(count)}))
        events = drawn(sigmoid(np.nan_to_num(logit, nan=-9.0) + np.log(odds)), seed)
        return write(tmp_path / f"local{len(list(tmp_path.iterdir()))}.csv", people, events, **cells)

    return make


def cdss(*words: object) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


def calibrate(*words: object) -> dict[str, Any]:
    """The answer as JSON; the command must have succeeded."""
    run = cdss("calibrate", MODEL, *words, "--json")
    assert run.exit_code == 0, run.output
    return json.loads(run.stdout)


def refused(*words: object) -> str:
    """Why the table was refused, as one line; nothing may have been put in force."""
    run = cdss("calibrate", MODEL, *words)
    assert run.exit_code == 2
    return " ".join(re.sub(r"[│╭╮╰╯─]", " ", run.output).split())


def test_before_and_after_are_shown_and_the_after_is_nearer_to_one(home: Path, site: Site) -> None:
    made = calibrate(site(3000, odds=2.0))
    assert made["before"]["o_e"]["value"] > 1.4
    assert made["after"]["o_e"]["value"] == pytest.approx(1.0, abs=0.12)
    assert made["after"]["auc"]["value"] == pytest.approx(made["before"]["auc"]["value"], abs=0.01)
    assert made["after"]["log_loss"]["value"] < made["before"]["log_loss"]["value"]
    assert made["intercepts"]["a"] == pytest.approx(np.log(2), abs=0.25)


def test_the_same_file_gives_the_same_layer(home: Path, site: Site) -> None:
    file = site()
    one, two = (calibrate(file, "--dry-run") for _ in range(2))
    for changing in ("at", "digest", "full_version"):
        del one[changing], two[changing]
    assert one == two


def test_a_dry_run_changes_nothing(home: Path, site: Site) -> None:
    assert calibrate(site(), "--dry-run")["state"] == "dry run"
    assert not home.exists()


def test_fewer_than_five_hundred_are_refused_with_the_number_and_why_others_did_not_count(
    home: Path, site: Site
) -> None:
    people, known = 600, 480
    outcomes = ["1" if number % 10 == 0 else "0" for number in range(known)] + [""] * (people - known)
    outcomes[7] = "perhaps"
    said = refused(site(people, outcome=outcomes, age=["15"] * 20 + ["50"] * (people - 20)))
    assert f"found {known - 20} people with an outcome and an answer" in said
    assert "expected 500 or more" in said
    for counted in ("120 no-outcome", "1 outcome-unreadable", "19 outside-age"):
        assert counted in said
    assert "add the results" in said


@pytest.mark.parametrize(
    ("what", "outcome", "says"),
    [
        ("nobody has it", lambda n: "0", "the same outcome for all 600"),
        ("everybody has it", lambda n: "1", "the same outcome for all 600"),
        ("four have it", lambda n: "1" if n < 4 else "0", "found 4 events among 600 people, expected 5 or more"),
        ("all but four have it", lambda n: "0" if n < 4 else "1", "found 596 events among 600 people"),
    ],
)
def test_too_few_events_to_learn_from_are_refused(
    home: Path, site: Site, what: str, outcome: Callable[[int], str], says: str
) -> None:
    assert says in refused(site(600, outcome=[outcome(number) for number in range(600)]))


def test_yes_and_no_exchanged_is_noticed(home: Path, site: Site, tmp_path: Path) -> None:
    lines = site(3000).read_text(encoding="utf-8").splitlines()
    turned = [lines[0], *(line[:-1] + str(1 - int(line[-1])) for line in lines[1:])]
    (tmp_path / "turned.csv").write_text("\n".join(turned), encoding="utf-8")
    assert "is yes and no exchanged?" in refused(tmp_path / "turned.csv")


def test_one_person_twice_is_refused(home: Path, site: Site) -> None:
    ids = [f"R{number}" for number in range(2000)]
    assert "found 2 ids more than once" in refused(site(id=[*ids[:-2], "R0", "R1"]))


def test_without_the_column_the_columns_there_are_named(home: Path, site: Site) -> None:
    assert "found no column 'result' among id, age, sex" in refused(site(), "--outcome", "result")


def test_outcomes_are_read_as_the_resident_table_reads_yes_and_no(home: Path, site: Site, tmp_path: Path) -> None:
    """是 and 否, in GB18030, glucose in mg/dL, under a Chinese header."""
    text = site().read_text(encoding="utf-8").replace(",outcome", ",结局")
    text = re.sub(r",1$", ",是", re.sub(r",0$", ",否", text, flags=re.M), flags=re.M)
    (tmp_path / "gb.csv").write_bytes(text.encode("gb18030"))
    assert calibrate(tmp_path / "gb.csv", "--outcome", "结局")["before"]["n"] == 2000


def test_another_name_is_answered_with_the_models_there_are(home: Path, site: Site) -> None:
    run = cdss("calibrate", "fracture", site())
    assert run.exit_code == 2
    assert "diabetes_incident_cn" in run.output


def test_groups_may_only_be_what_every_resident_has(home: Path, site: Site) -> None:
    assert "found --group ethnicity; expected age or one of" in refused(site(), "--group", "ethnicity")


def test_a_group_has_an_intercept_of_its_own(home: Path, site: Site, tmp_path: Path, screen: Additive) -> None:
    """Women have three times the odds the model gives them, men half as many."""
    people = columns(6000)
    logit = logit_of(screen.assess_table({**people, "asian": np.ones(6000)}))
    odds = np.where(people["sex"] == 1, 3.0, 0.5)
    made = calibrate(write(tmp_path / "s.csv", people, drawn(sigmoid(logit + np.log(odds)))), "--group", "sex")
    male, female = made["shifts"]
    assert female - male == pytest.approx(np.log(3 / 0.5), abs=0.35)
    for part in made["groups"]:
        assert part["after"]["value"] == pytest.approx(1.0, abs=0.15)


def test_the_same_people_are_flagged_unless_a_share_is_asked_for(home: Path, site: Site, screen: Additive) -> None:
    file = site()
    people = {**columns(2000), "asian": np.ones(2000)}
    before = screen.assess_table(people)
    flags = in_force.card_flags(screen)
    flagged = before.probability >= np.array([flags[name] for name in before.tiers])[before.tier]
    calibrate(file)
    layer = in_force.layered(home, screen)
    after = layer.applied(before, people)
    moved = after.probability >= np.array([layer.flags[name] for name in before.tiers])[before.tier]
    assert np.array_equal(flagged, moved)
    calibrate(file, "--flag", "0.1")
    layer = in_force.layered(home, screen)
    share = (layer.applied(before, people).probability >= layer.flags["a"])[before.tier == 3].mean()
    assert share == pytest.approx(0.1, abs=0.005)


def test_a_tier_with_too_few_people_takes_the_common_intercept_and_that_is_said(home: Path, site: Site) -> None:
    file = site()
    made = calibrate(file)
    by_name = {part["name"]: part for part in made["tiers"]}
    assert (by_name["a"]["n"], by_name["c"]["n"]) == (2000, 0)
    assert made["intercepts"]["c"] == made["intercepts"]["a"]


def test_in_force_history_and_back_to_none(home: Path, site: Site) -> None:
    first, second = calibrate(site(odds=2.0)), calibrate(site(odds=3.0))
    assert calibrate("--show")["digest"] == second["digest"]
    kept = json.loads(cdss("calibrate", MODEL, "--history", "--json").stdout)
    assert {row["digest"]: row["in_force"] for row in kept} == {first["digest"]: False, second["digest"]: True}
    assert calibrate("--rollback")["digest"] == first["digest"]
    assert calibrate("--rollback")["digest"] == ""
    assert calibrate("--show") == {"state": "none"}
    nothing = cdss("calibrate", MODEL, "--rollback")
    assert (nothing.exit_code, "nothing to roll back to" in nothing.output) == (1, True)


def test_every_change_is_in_the_audit_trail(home: Path, site: Site) -> None:
    made = calibrate(site())
    calibrate("--rollback")
    rows = [json.loads(line) for line in cdss("audit", "export").stdout.splitlines()]
    assert [(row["event"], row["outcome"]) for row in rows] == [
        ("calibration", "put in force"),
        ("calibration", "rolled back"),
    ]
    assert rows[0]["detail"]["layer"] == made["digest"]
    assert cdss("audit", "verify").exit_code == 0


def test_a_running_service_sees_a_new_layer_without_a_restart(home: Path, site: Site, screen: Additive) -> None:
    layers = in_force.load(home, [screen])
    assert (layers.fresh() is layers, layers.may_decide(MODEL), layers.of[MODEL].version) == (
        True,
        False,
        screen.card.version,
    )
    made = calibrate(site())
    fresh = layers.fresh()
    assert (fresh.may_decide(MODEL), fresh.of[MODEL].version) == (True, made["full_version"])
    assert re.fullmatch(re.escape(screen.card.version) + r"\+site\.[0-9a-f]{8}", made["full_version"])
    calibrate("--rollback")
    assert fresh.fresh().of[MODEL].version == screen.card.version


def test_a_layer_that_was_changed_is_not_used_and_that_is_said_everywhere(
    home: Path, site: Site, screen: Additive
) -> None:
    made = calibrate(site())
    path = Shelf(home, MODEL).folder / f"{made['digest']}.json"
    path.write_text(path.read_text(encoding="utf-8").replace('"slope": 1.0', '"slope": 1.5', 1), encoding="utf-8")
    said: list[str] = []
    layers = in_force.load(home, [screen], said.append)
    assert said == [f"{MODEL}: {layers.of[MODEL].fault.en}"]
    assert "the signature is not of this installation" in said[0]
    answers = screen.assess_table(columns(5))
    assert layers.of[MODEL].applied(answers, {}) is answers
    assert (layers.of[MODEL].version, layers.may_decide(MODEL)) == (screen.card.version, False)
    for command in (["model", "verify"], ["doctor"], ["calibrate", MODEL, "--show"]):
        run = cdss(*command)
        assert (run.exit_code, "not used" in run.output) == (1, True), command
    assert "not used" in cdss("model", "list", "--json").stdout


def test_a_layer_signed_elsewhere_is_not_used(home: Path, site: Site, screen: Additive) -> None:
    calibrate(site())
    (home / "calibration.key").write_bytes(os.urandom(32))
    assert "signature" in in_force.layered(home, screen).fault.en


def test_a_layer_of_another_model_file_is_not_used(home: Path, site: Site) -> None:
    made = calibrate(site())
    shelf = Shelf(home, MODEL)
    shelf.read(made["digest"], made["version"], made["model_digest"])
    with pytest.raises(ValueError, match=r"made for diabetes_screen .* installed is 9\.9\.9 .*calibrate again"):
        shelf.read(made["digest"], "9.9.9", made["model_digest"])
    with pytest.raises(ValueError, match=r"made for diabetes_screen .* \(sha256:000.*calibrate again"):
        shelf.read(made["digest"], made["version"], "sha256:" + "0" * 64)


def test_the_key_is_readable_by_its_owner_only(home: Path, site: Site) -> None:
    calibrate(site())
    assert (home / "calibration.key").stat().st_mode & 0o777 == 0o600


def test_without_an_audit_trail_nothing_is_put_in_force(
    home: Path, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CDSS_DATABASE_URL", f"sqlite:///{home / 'no' / 'such' / 'folder.sqlite'}")
    run = cdss("calibrate", MODEL, site())
    assert (run.exit_code, "nothing was changed" in run.output) == (1, True)
    assert not Shelf(home, MODEL).path.exists()


def test_no_person_is_in_a_layer(home: Path, site: Site) -> None:
    made = calibrate(site(id=[f"secret-{number}" for number in range(2000)]))
    assert "secret" not in (Shelf(home, MODEL).folder / f"{made['digest']}.json").read_text(encoding="utf-8")


def test_what_is_said_is_in_both_languages(home: Path, site: Site) -> None:
    file = site()
    assert "校准前" in cdss("calibrate", MODEL, file, "--dry-run", "--lang", "zh").stdout
    assert "before" in cdss("calibrate", MODEL, file, "--dry-run", "--lang", "en").stdout


@pytest.mark.parametrize(
    ("moved", "used", "large"),
    [(0.0, True, False), (0.35, True, True), (0.6, False, True)],
    ids=["as usual", "an assay that reads high", "further than any site that was seen"],
)
def test_a_glucose_assay_that_reads_high_is_told_and_no_value_is_changed(
    home: Path, tmp_path: Path, moved: float, used: bool, large: bool
) -> None:
    model = diabetes_incident_cn.load()
    usual = 3.699 + 0.00985 * 50 + 0.0309 * 24  # priors.yaml: what is expected at 50 years and BMI 24, a man
    people = columns(600) | {"fpg_mmol": np.full(600, round(usual + moved, 2)), "age": np.full(600, 50.0)}
    people |= {"sex": np.zeros(600), "height_cm": np.full(600, 170.0), "weight_kg": np.full(600, 24 * 1.7**2)}
    file = write(tmp_path / "glucose.csv", people, drawn(model.assess_table(people).probability * 3))
    run = cdss("calibrate", "diabetes_incident_cn", file, "--dry-run", "--json")
    level = json.loads(run.stdout)["level"]
    assert level["excess"] == pytest.approx(moved, abs=0.02)
    assert (level["centre"] != 0, level["large"], level["beyond"]) == (used, large, not used)
    if used:
        assert level["centre"] == pytest.approx(-1.67 * level["excess"])
    assert (
        json.loads(cdss("calibrate", "diabetes_incident_cn", file, "--dry-run", "--json", "--no-level").stdout)[
            "level"
        ]["centre"]
        == 0
    )


def test_the_pages_answer_while_a_layer_is_in_force(home: Path, site: Site) -> None:
    made = calibrate(site())
    with TestClient(application(Settings(home=home, lang="en"))) as client:
        page = client.get("/monitoring").text
    assert made["full_version"] in page
