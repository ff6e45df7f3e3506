"""Knowledge is swapped while the service answers: whole or not at all, and back again."""

import re
from collections.abc import Iterator
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from starlette.testclient import TestClient
from typer.testing import CliRunner

from cdss.rules import KNOWLEDGE
from cdss.serving.platform.application import application
from cdss.serving.platform.cli import app
from cdss.serving.platform.config import Settings

METFORMIN = "renal/metformin.yaml"
EGFR_25 = {"loinc": "98979-8", "value": 25, "unit": "mL/min/{1.73_m2}"}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CDSS_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def service(home: Path) -> Iterator[TestClient]:
    with TestClient(application(Settings(home=home, lang="en"))) as client:
        yield client


@pytest.fixture
def candidate(tmp_path: Path) -> Path:
    """The knowledge as it is, but metformin is stopped below 20 instead of 30."""
    folder = Path(copytree(KNOWLEDGE, tmp_path / "candidate"))
    rule = folder / METFORMIN
    text = rule.read_text(encoding="utf-8").replace("stop: {2016-04-08: 30}", "stop: {2016-04-08: 20}")
    text = text.replace("egfr: 29, expect: contra", "egfr: 19, expect: contra").replace(
        "egfr: 30, expect", "egfr: 20, expect"
    )
    rule.write_text(text, encoding="utf-8")
    return folder


def cdss(*words: str) -> Any:
    return CliRunner().invoke(app, ["rules", *words])


def metformin(service: TestClient) -> tuple[str, str]:
    """How bad metformin is at eGFR 25, and by which knowledge."""
    service.app.state.watch.look()  # type: ignore[attr-defined]
    order = {"patient": {"observations": [EGFR_25], "medications": []}, "orders": [{"drug": {"atc": "A10BA02"}}]}
    answer = service.post("/api/v1/orders/check", json=order).json()
    said = next(alert for alert in answer["alerts"] if alert["rule"] == "renal/metformin")
    return said["severity"], answer["knowledge"]["digest"]


def test_a_good_pack_is_put_in_force_and_rolled_back(service: TestClient, candidate: Path) -> None:
    severity, program = metformin(service)
    assert severity == "contraindicated"
    assert cdss("activate", str(candidate)).exit_code == 0
    severity, new = metformin(service)
    assert (severity, new != program) == ("precaution", True)
    assert cdss("rollback").exit_code == 0
    assert metformin(service) == ("contraindicated", program)


def test_after_a_restart_the_activated_pack_is_in_force(home: Path, candidate: Path) -> None:
    assert cdss("activate", str(candidate)).exit_code == 0
    with TestClient(application(Settings(home=home, lang="en"))) as service:
        assert metformin(service)[0] == "precaution"


def test_a_bad_pack_never_gets_in_force(service: TestClient, candidate: Path) -> None:
    rule = candidate / METFORMIN
    rule.write_text(
        rule.read_text(encoding="utf-8").replace("egfr: 19, expect: contra", "egfr: 99, expect: contra"), "utf-8"
    )
    before = metformin(service)
    refused = cdss("activate", str(candidate))
    assert refused.exit_code == 1
    assert "renal/metformin: below 30 it is contraindicated: found none, expected contraindicated" in refused.output
    assert metformin(service) == before


def test_a_pack_changed_after_it_was_activated_is_not_used(service: TestClient, home: Path, candidate: Path) -> None:
    before = metformin(service)
    assert cdss("activate", str(candidate)).exit_code == 0
    (kept,) = [path for path in (home / "knowledge").iterdir() if path.is_dir()]
    rule = kept / METFORMIN
    rule.write_text(rule.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert metformin(service) == before
    refused = re.search(r"^cdss_knowledge_refused_total (\S+)", service.get("/metrics").text, re.MULTILINE)
    assert refused
    assert float(refused[1]) >= 1
    with TestClient(application(Settings(home=home, lang="en"))) as restarted:
        assert metformin(restarted) == before


def test_activating_it_again_repairs_a_pack_that_was_changed(service: TestClient, home: Path, candidate: Path) -> None:
    assert cdss("activate", str(candidate)).exit_code == 0
    (kept,) = [path for path in (home / "knowledge").iterdir() if path.is_dir()]
    (kept / METFORMIN).write_text("broken", encoding="utf-8")
    assert cdss("activate", str(candidate)).exit_code == 0
    assert metformin(service)[0] == "precaution"
    with TestClient(application(Settings(home=home, lang="en"))) as restarted:
        assert metformin(restarted)[0] == "precaution"


def test_with_nothing_before_there_is_nothing_to_roll_back_to(home: Path) -> None:
    refused = cdss("rollback")
    assert (refused.exit_code, "nothing to roll back to" in refused.output) == (1, True)
    assert cdss("packs").output.startswith("in force: the knowledge the program brings")
    assert not home.exists()


def test_a_site_may_set_its_line_within_bounds_only(home: Path) -> None:
    with TestClient(application(Settings(home=home, site_settings={"bp_systolic": 130.0}))) as service:
        rule = service.app.state.desk.pack.rules["pathway/bp-control"]  # type: ignore[attr-defined]
        assert rule.settings["bp_systolic"].value == 130
    refused = TestClient(application(Settings(home=home, site_settings={"bp_systolic": 90.0})))
    with pytest.raises(ValueError, match="found bp_systolic = 90, expected 130 to 140 mm"), refused:
        pass


def test_diff_names_the_rule_and_the_orders_that_come_out_differently(candidate: Path, tmp_path: Path) -> None:
    orders = tmp_path / "orders.ndjson"
    order = '{"patient": {"observations": [%s]}, "orders": [{"drug": {"atc": "A10BA02"}}]}\n'
    result = '{"loinc": "98979-8", "value": %d, "unit": "mL/min/{1.73_m2}"}'
    orders.write_text("".join(order % (result % value) for value in (15, 25, 60)) + "not json\n", encoding="utf-8")
    said = cdss("diff", str(KNOWLEDGE), str(candidate), "--orders", str(orders))
    assert "changed renal/metformin" in said.output
    assert "line 2: renal/metformin contraindicated -> precaution" in said.output
    assert "line 1:" not in said.output
    assert "line 3:" not in said.output
    assert "line 4: not a request" in said.output
    assert "1 of 3 orders come out differently, 1 lines could not be read" in said.output
