"""The commands for those who run the service: what is whole, what is wrong, what is kept."""

import json
import re
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pynetdicom import AE, evt
from pynetdicom.sop_class import Verification
from starlette.testclient import TestClient
from typer.testing import CliRunner

from cdss.serving.platform.application import application
from cdss.serving.platform.cli import app
from cdss.serving.platform.config import Settings

OK, FAILED, WRONG = 0, 1, 2
ORDER = {"patient": {"medications": [{"name": "warfarin"}]}, "orders": [{"drug": {"name": "ibuprofen"}}]}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "home"
    monkeypatch.setenv("CDSS_HOME", str(folder))
    monkeypatch.setenv("CDSS_LANG", "en")
    return folder


@pytest.fixture
def used(home: Path) -> Path:
    """A home in which two orders were checked."""
    with TestClient(application(Settings(home=home, lang="en"))) as client:
        for _ in range(2):
            assert client.post("/api/v1/orders/check", json=ORDER).status_code == 200
    return home


def cdss(*arguments: object) -> Any:
    return CliRunner().invoke(app, [str(one) for one in arguments])


def finding(what: str) -> dict[str, str]:
    (found,) = [one for one in json.loads(cdss("doctor", "--json").stdout) if one["what"] == what]
    return dict(found)


def test_a_new_installation_is_well(home: Path) -> None:
    states = {one["what"]: one["state"] for one in json.loads(cdss("doctor", "--json").stdout)}
    assert states["knowledge"] == states["models"] == states["database"] == "ok"
    assert states["pacs"] == "warning", "results go nowhere, which is said"


def test_looking_leaves_nothing_behind(home: Path) -> None:
    cdss("doctor")
    assert not home.exists()


def test_a_taken_port_is_named(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        monkeypatch.setenv("CDSS_PORT", str(port))
        found = finding("ports")
    assert found["state"] == "warning"
    assert str(port) in found["says"]


@pytest.fixture
def pacs(ports: Callable[[], int]) -> Iterator[int]:
    """A peer that answers C-ECHO."""
    entity, port = AE("PACS"), ports()
    entity.add_supported_context(Verification)
    server = entity.start_server(("127.0.0.1", port), block=False, evt_handlers=[(evt.EVT_C_ECHO, lambda _: 0x0000)])
    yield port
    server.shutdown()


def test_a_pacs_that_answers_c_echo_is_well(home: Path, pacs: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CDSS_PACS", f"PACS@127.0.0.1:{pacs}")
    assert finding("pacs")["state"] == "ok"


@pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning"
)  # pynetdicom leaves a refused socket open
def test_a_pacs_that_is_away_is_a_fault(home: Path, ports: Callable[[], int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CDSS_PACS", f"PACS@127.0.0.1:{ports()}")
    found = finding("pacs")
    assert (found["state"], cdss("doctor").exit_code) == ("fault", FAILED)
    assert "does not answer C-ECHO: no connection; check CDSS_PACS and the network" in found["says"]


def test_a_trail_that_was_not_touched_is_whole(used: Path) -> None:
    verified = cdss("audit", "verify", "--json")
    assert (verified.exit_code, json.loads(verified.stdout)) == (OK, {"entries": 2, "faults": []})


def test_the_trail_can_be_taken_out_and_names_no_drug(used: Path) -> None:
    lines = [json.loads(line) for line in cdss("audit", "export").stdout.splitlines()]
    assert [line["seq"] for line in lines] == [1, 2]
    assert "ibuprofen" not in json.dumps(lines)


def test_no_trail_yet_is_said(home: Path) -> None:
    answer = cdss("audit", "verify")
    assert answer.exit_code == WRONG
    assert "found no records" in " ".join(answer.stderr.split())


def test_a_backup_comes_back_whole(used: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert cdss("backup", tmp_path / "b.tar.gz").exit_code == OK
    monkeypatch.setenv("CDSS_HOME", str(tmp_path / "elsewhere"))
    assert cdss("restore", tmp_path / "b.tar.gz").exit_code == OK
    assert json.loads(cdss("audit", "verify", "--json").stdout)["entries"] == 2


def test_what_is_no_backup_is_not_restored(home: Path, tmp_path: Path) -> None:
    (tmp_path / "b.tar.gz").write_bytes(b"no archive")
    answer = cdss("restore", tmp_path / "b.tar.gz")
    assert answer.exit_code == WRONG
    assert "cannot be read as a backup" in " ".join(answer.stderr.split())


def test_shipped_models_are_intact() -> None:
    assert set(json.loads(cdss("model", "verify", "--json").stdout).values()) == {"intact"}


def test_a_card_is_shown() -> None:
    card = json.loads(cdss("model", "show", "fracture", "--json").stdout)
    assert card["digest"].startswith("sha256:")
    assert cdss("model", "show", "nothing").exit_code == WRONG


@pytest.mark.parametrize("drug", ["二甲双胍", "metformin", "A10BA02"])
def test_everything_about_a_drug_is_found_by_any_name(drug: str) -> None:
    found = json.loads(cdss("rules", "search", drug, "--json").stdout)
    assert "renal/metformin" in [one["id"] for one in found["rules"]]
    assert found["interactions"]


def test_two_versions_of_the_knowledge_are_compared(tmp_path: Path) -> None:
    from shutil import copytree

    from cdss.rules import KNOWLEDGE

    other = tmp_path / "other"
    copytree(KNOWLEDGE, other)
    rule = other / "renal" / "metformin.yaml"
    rule.write_text(
        re.sub(r"version: \S+", "version: 9.0.0", rule.read_text(encoding="utf-8"), count=1), encoding="utf-8"
    )
    (other / "renal" / "digoxin.yaml").unlink()
    found = json.loads(cdss("rules", "diff", KNOWLEDGE, other, "--json").stdout)
    assert (found["added"], found["removed"], found["changed"]) == ([], ["renal/digoxin"], ["renal/metformin"])


def test_a_rule_and_an_interaction_can_be_looked_up_by_the_id_of_an_alert(home: Path) -> None:
    assert "eGFR" in cdss("rules", "show", "renal/metformin").stdout
    assert "id: dose/maximum/amlodipine" in cdss("rules", "show", "dose/maximum/amlodipine").stdout
    assert "at 1 g or more a time" in cdss("rules", "show", "interaction/ansm2020-0013").stdout
    assert cdss("rules", "show", "nothing").exit_code == WRONG
