"""What the product promises of reminders: over HTTP and on the command line."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from outreach import House, advice, assessment, house, said
from starlette.testclient import TestClient
from typer.testing import CliRunner

from cdss.serving.platform.application import application
from cdss.serving.platform.cli import app

KINDS = ("Task", "Flag", "CommunicationRequest", "RiskAssessment")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """A house at the present time, never quiet, with a resident who has something to do."""
    monkeypatch.setenv("CDSS_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("CDSS_QUIET_HOURS", "")
    monkeypatch.setenv("CDSS_LANG", "en")
    one = house(tmp_path / "home", quiet_hours="", timezone="")
    one.now = datetime.now(UTC)
    day = one.now.date()
    one.keep(assessment("r-17", advice("pathway/bp-control", day=day), day=day, models=(said(),)))
    yield one
    one.engine.dispose()


@pytest.fixture
def front(home: House) -> Iterator[TestClient]:
    with TestClient(application(home.settings)) as client:
        yield client


def cdss(*arguments: str) -> Any:
    return CliRunner().invoke(app, ["remind", *arguments])


def listed(*arguments: str) -> list[dict[str, Any]]:
    return list(json.loads(cdss("list", "--json", *arguments).stdout)["reminders"])


@pytest.mark.parametrize("kind", KINDS)
def test_everything_is_found_in_fhir_by_resident_and_by_id(front: TestClient, kind: str) -> None:
    bundle = front.get(f"/fhir/{kind}?patient=Patient/r-17&lang=zh").json()
    assert (bundle["resourceType"], bundle["type"]) == ("Bundle", "searchset")
    (entry,) = bundle["entry"]
    assert entry["fullUrl"].endswith(f"/fhir/{kind}/{entry['resource']['id']}")
    assert front.get(f"/fhir/{kind}/{entry['resource']['id']}?lang=zh").json() == entry["resource"]
    assert "entry" not in front.get(f"/fhir/{kind}?subject=nobody").json()


def test_a_search_says_what_it_looked_at(front: TestClient) -> None:
    bundle = front.get("/fhir/Task?patient=r-17&_count=1&colour=red&status=requested").json()
    (self_link,) = [link["url"] for link in bundle["link"] if link["relation"] == "self"]
    assert self_link.endswith("/fhir/Task?_count=1&patient=r-17&status=requested")


def test_pages_follow_the_next_link(home: House, front: TestClient) -> None:
    day = home.now.date()
    home.keep(*(assessment(f"r{number}", advice("pathway/a", day=day), day=day) for number in range(5)))
    url, seen = "/fhir/Task?_count=2", []
    while url:
        bundle = front.get(url).json()
        assert bundle["total"] == 6
        seen += [entry["resource"]["id"] for entry in bundle["entry"]]
        url = next((link["url"] for link in bundle["link"] if link["relation"] == "next"), "")
    assert len(set(seen)) == len(seen) == 6


BAD = [
    ("/fhir/Task?_count=many", 400),
    ("/fhir/Task?_count=0", 400),
    ("/fhir/Task?patient=", 400),
    ("/fhir/Task?patient=a%00b", 400),
    ("/fhir/Task/nothing", 404),
    ("/fhir/Task/%00", 404),
    ("/fhir/RiskAssessment/" + "0" * 32, 404),
    ("/fhir/Flag?_after=" + "x" * 99, 404),
]


@pytest.mark.parametrize(("url", "status"), BAD)
def test_a_bad_question_is_an_operation_outcome(front: TestClient, url: str, status: int) -> None:
    answer = front.get(url)
    assert (answer.status_code, answer.json()["resourceType"]) == (status, "OperationOutcome")


def test_who_opts_out_is_not_texted_until_they_opt_in(home: House, front: TestClient) -> None:
    url = "/api/v1/residents/r-17/opt-out"
    assert front.put(url).json() == {"id": "r-17", "opted_out": True, "changed": True}
    assert front.put(url).json()["changed"] is False
    assert cdss("run").stdout == "0 sent, 0 cancelled, 0 later, 0 failed\n"
    assert front.get("/fhir/CommunicationRequest").json()["entry"][0]["resource"]["status"] == "revoked"
    assert front.get("/fhir/Task").json()["entry"][0]["resource"]["status"] == "requested"
    assert front.delete(url).json() == {"id": "r-17", "opted_out": False, "changed": True}


@pytest.mark.parametrize("id", ["%00", "x" * 65])
def test_what_is_no_id_of_a_resident_is_refused(front: TestClient, id: str) -> None:
    assert front.put(f"/api/v1/residents/{id}/opt-out").status_code == 400


def test_a_pass_by_hand_sends_what_is_due_once(home: House) -> None:
    assert cdss("run").stdout == "1 sent, 0 cancelled, 0 later, 0 failed\n"
    assert cdss("run").stdout == "0 sent, 0 cancelled, 0 later, 0 failed\n"
    (letter,) = listed()
    assert (letter["resident_id"], letter["state"], letter["via"]) == ("r-17", "sent", "console")


TABLE = """id,age,sex,sbp,dbp,hypertension,bp_medication,last_visit,doctor,opt_out
r-1,66,male,192,116,yes,yes,{day},Dr W,
r-2,60,female,152,92,yes,yes,{day},Dr W,
r-3,60,female,152,92,yes,yes,{day},Dr W,yes
"""
PEOPLE = [
    {"id": "r-1", "age": 66, "sex": "male", "sbp": 192, "dbp": 116, "hypertension": True, "bp_medication": True},
    {"id": "r-2", "age": 60, "sex": "female", "sbp": 152, "dbp": 92, "hypertension": True, "bp_medication": True},
    {"id": "r-3", "age": 60, "sex": "female", "sbp": 152, "dbp": 92, "hypertension": True, "bp_medication": True,
     "opt_out": True},
]  # fmt: skip


def scored_from_a_file(home: House) -> None:
    table = home.settings.home / "residents.csv"
    table.write_text(TABLE.format(day=home.now.date()), encoding="utf-8")
    for _ in range(2):
        done = CliRunner().invoke(app, ["score", str(table), "--worklist", "--out", str(table.with_name("risk.csv"))])
        assert done.exit_code == 0, done.output


def scored_over_http(home: House) -> None:
    people = [{**one, "last_visit": home.now.date().isoformat(), "doctor": "Dr W"} for one in PEOPLE]
    with TestClient(application(home.settings)) as front:
        for _ in range(2):
            assert front.post("/api/v1/risk?worklist=true", json=people).status_code == 200


@pytest.mark.parametrize("scored", [scored_from_a_file, scored_over_http])
def test_who_is_put_on_the_worklist_is_reminded_once(home: House, scored: Callable[[House], None]) -> None:
    """Scored twice; an emergency, a resident to be seen soon, and one who wants no texts."""
    cdss("run")  # what the house had before
    scored(home)
    assert cdss("run").exit_code == 0
    assert cdss("run").stdout == "0 sent, 0 cancelled, 0 later, 0 failed\n"
    told = {(letter["resident_id"], letter["recipient"]) for letter in listed("--state", "sent")}
    assert told == {("r-17", "resident"), ("r-1", "doctor"), ("r-1", "resident"), ("r-2", "resident")}
    assert [letter for letter in listed() if letter["resident_id"] == "r-3"] == []
    assert any(resident == "r-3" for resident in home.reminders("resident_id")), "the doctor's tasks go on"


def test_what_the_doctor_handles_on_the_worklist_completes_the_task(home: House, front: TestClient) -> None:
    url = "/api/v1/residents/r-17/advices/pathway%2Fbp-control/handled"
    changes = (
        ("POST", {"as": "done"}, "completed"),
        ("DELETE", None, "requested"),
        ("POST", {"as": "done"}, "completed"),
    )
    for method, body, status in changes:
        assert front.request(method, url, json=body).status_code == 200
        (entry,) = front.get("/fhir/Task?patient=r-17").json()["entry"]
        assert entry["resource"]["status"] == status


def test_a_failed_one_is_seen_and_tried_again(home: House, front: TestClient) -> None:
    home.broken = True
    for _ in range(home.settings.outreach_retry_limit):
        home.round()
        home.later(hours=2)
    (letter,) = front.get("/api/v1/reminders?state=failed").json()["reminders"]
    assert (letter["error"], letter["attempts"]) == ("ConnectionRefusedError", 15)
    assert 'cdss_reminders{channel="text",state="failed"} 1.0' in front.get("/metrics").text
    assert front.post(f"/api/v1/reminders/{letter['id']}/retry").status_code == 202
    assert front.post(f"/api/v1/reminders/{letter['id']}/retry").status_code == 409
    assert (cdss("run").exit_code, listed("--state", "failed")) == (0, [])


def test_only_what_failed_is_tried_again(home: House) -> None:
    (letter,) = listed()
    answer = cdss("retry", letter["id"])
    assert (answer.exit_code, answer.stdout) == (1, "0 to be tried again\n")


def test_opting_out_and_in_on_the_command_line(home: House) -> None:
    assert cdss("opt-out", "r-17").stdout == "opted out\n"
    assert cdss("opt-out", "r-17").stdout == "was opted out already\n"
    assert cdss("opt-in", "r-17").stdout == "opted in\n"
    assert cdss("opt-in", "r-17").stdout == "was not opted out\n"
    assert home.audited("opt-out") == ["out", "in"]


def test_a_sender_that_is_not_there_is_a_usage_error(home: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CDSS_SENDER", "pigeon")
    answer = cdss("run")
    assert answer.exit_code == 2
    assert "found 'pigeon', expected one of console" in " ".join(answer.stderr.split())
    assert listed()[0]["state"] == "queued"


def test_the_console_says_an_id_and_no_words(home: House, capfd: pytest.CaptureFixture[str]) -> None:
    cdss("run")
    said_aloud = capfd.readouterr().err
    assert "hypertension" not in said_aloud.lower()
    assert "family doctor" not in said_aloud


def test_every_read_of_a_resident_in_fhir_is_audited(home: House, make_front: Callable[[], TestClient]) -> None:
    with make_front() as front:
        front.get("/fhir/Task?patient=r-17")
    assert home.audited("read fhir") == ["answered"]


@pytest.fixture
def make_front(home: House) -> Callable[[], TestClient]:
    """A front that ends, and has then written what was to be recorded."""
    return lambda: TestClient(application(home.settings))
