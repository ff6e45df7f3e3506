"""Studies by HTTP: upload, look, say what is wrong with a finding."""

import io
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pydicom
import pytest
import sqlalchemy as sa
from starlette.applications import Starlette
from starlette.testclient import TestClient

from cdss.models.finding import Box
from cdss.models.score_map import ScoreMap, score_map
from cdss.serving.pacs import routes
from cdss.serving.pacs.detect import Unavailable
from cdss.serving.pacs.flow import books, steps
from cdss.serving.pacs.intake import upload
from cdss.serving.pacs.intake.store import NoSpace, Store, store_of
from cdss.serving.platform.config import Settings

Make = Callable[..., Path]


@pytest.fixture
def client(engine: sa.Engine, tmp_path: Path) -> Iterator[TestClient]:
    app = Starlette(routes=routes.routes())
    app.state.settings, app.state.engine = Settings(home=tmp_path, lang="en"), engine
    store_of(app.state.settings).root.mkdir()
    with TestClient(app) as one:
        yield one


def post(client: TestClient, *contents: bytes) -> Any:
    return client.post("/api/v1/studies", files=[("file", (f"{n}.dcm", one)) for n, one in enumerate(contents)])


def read_as(client: TestClient, uid: str, detector: Any) -> None:
    """Do what the worker does with a complete study."""
    state = client.app.state  # type: ignore[attr-defined]
    assert books.complete_quiet(state.engine, quiet_seconds=-1) == [uid]
    with state.engine.connect() as connection:
        inputs = connection.scalar(sa.text("SELECT manifest FROM study"))
    site = steps.Site(state.settings, state.engine, store_of(state.settings), detector)
    result = steps.read(site, uid, str(inputs), 0)
    if result:
        steps.make_objects(site, result, 0)


@pytest.fixture
def uploaded(client: TestClient, make_image: Make, tmp_path: Path) -> str:
    path = make_image(tmp_path / "film.dcm")
    answer = post(client, path.read_bytes())
    assert answer.status_code == 202
    return str(answer.json()["studies"][0])


def test_an_upload_is_accepted_when_it_is_durable(client: TestClient, make_image: Make, tmp_path: Path) -> None:
    path = make_image(tmp_path / "film.dcm")
    answer = post(client, path.read_bytes())
    uid = str(pydicom.dcmread(path).StudyInstanceUID)
    assert (answer.status_code, answer.json()) == (202, {"received": 1, "studies": [uid], "refused": []})
    assert client.get(f"/api/v1/studies/{uid}").json()["state"] == "received"


def test_the_same_image_by_http_and_by_dicom_is_the_same_bytes(
    client: TestClient, uploaded: str, make_image: Make, tmp_path: Path, engine: sa.Engine
) -> None:
    again = (tmp_path / "film.dcm").read_bytes()
    post(client, b"MZ" + b"\x90" * 126 + again[128:])
    assert client.get("/api/v1/studies").json()["studies"][0]["instances"] == 1


def test_a_zip_of_images(client: TestClient, make_image: Make, tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for number in range(3):
            archive.write(make_image(tmp_path / f"{number}.dcm", StudyInstanceUID="1.2.3"), f"../../{number}.dcm")
    answer = post(client, packed.getvalue())
    assert answer.json()["received"] == 3
    assert answer.json()["studies"] == ["1.2.3"]
    assert not list(tmp_path.parent.glob("[0-9].dcm"))


def test_bad_files_are_listed_and_good_ones_go_on(client: TestClient, make_image: Make, tmp_path: Path) -> None:
    answer = post(client, b"hello", make_image(tmp_path / "film.dcm").read_bytes(), b"")
    body = answer.json()
    assert (answer.status_code, body["received"]) == (202, 1)
    assert [(one["part"], one["code"]) for one in body["refused"]] == [(1, "not_dicom"), (3, "empty_file")]
    assert body["refused"][0]["zh"].startswith("不是 DICOM 文件")


def test_nothing_that_can_be_taken_is_a_problem(client: TestClient) -> None:
    answer = post(client, b"<script>alert(1)</script>")
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"] == "none of the files can be taken; see `refused`"
    assert "script" not in answer.text


def test_a_body_that_is_not_multipart(client: TestClient) -> None:
    answer = client.post("/api/v1/studies", json={"file": "x"})
    assert answer.status_code == 400
    assert "multipart/form-data" in answer.json()["detail"]


def test_a_body_that_is_too_large_is_refused_before_it_is_read(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upload, "LONGEST", 100)
    assert post(client, b"x" * 200).status_code == 413


def test_a_full_disk(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: Store) -> None:
        raise NoSpace

    monkeypatch.setattr(Store, "check_space", full)
    assert post(client, b"x").status_code == 507


def test_a_study_that_was_read(client: TestClient, uploaded: str, stand_in: Any) -> None:
    read_as(client, uploaded, stand_in(boxes=[Box(0.7, (10, 20, 30, 40))]))
    study = client.get(f"/api/v1/studies/{uploaded}").json()
    assert (study["state"], study["model"]["name"]) == ("reported", "stand-in")
    assert study["findings"][0]["box_px"] == [10, 20, 30, 40]
    assert [one["state"] for one in study["history"]] == ["received", "complete", "running", "reported"]
    picture = client.get(study["previews"][0])
    assert picture.headers["content-type"] == "image/png"
    assert picture.content.startswith(b"\x89PNG")


def test_the_report_of_a_study_is_found_by_its_uid(client: TestClient, uploaded: str, stand_in: Any) -> None:
    read_as(client, uploaded, stand_in(boxes=[Box(0.7, (10, 20, 30, 40))]))
    found = client.get("/fhir/DiagnosticReport", params={"identifier": f"urn:dicom:uid|urn:oid:{uploaded}"})
    (entry,) = found.json()["entry"]
    assert found.headers["content-type"] == "application/fhir+json"
    assert entry["resource"]["subject"] == {"identifier": {"value": "P1"}}
    assert client.get(f"/fhir/DiagnosticReport/{entry['resource']['id']}").json() == entry["resource"]
    assert client.get("/fhir/DiagnosticReport", params={"identifier": "1.2.3"}).json()["total"] == 0
    assert client.get("/fhir/DiagnosticReport/nothing").json()["resourceType"] == "OperationOutcome"


def test_reasons_follow_the_language(client: TestClient, make_image: Make, tmp_path: Path, stand_in: Any) -> None:
    path = make_image(tmp_path / "chest.dcm", BodyPartExamined="CHEST")
    uid = post(client, path.read_bytes()).json()["studies"][0]
    read_as(client, uid, stand_in())
    by_lang = {lang: client.get(f"/api/v1/studies/{uid}?lang={lang}").json() for lang in ("zh", "en")}
    assert by_lang["zh"]["state"] == "not-applicable"
    assert by_lang["zh"]["series"][0]["reason"] == "检查部位（胸部）不在模型适用范围内。"
    assert by_lang["en"]["series"][0]["reason"] == "Body part chest is outside what the model is for."


def test_a_study_that_never_came(client: TestClient) -> None:
    answer = client.get("/api/v1/studies/1.2.3")
    assert (answer.status_code, answer.json()["detail_zh"]) == (404, "没有这个检查。")


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "limit=x", "offset=-1", "limit=9999999999"])
def test_a_page_that_is_none(query: str, client: TestClient) -> None:
    assert client.get(f"/api/v1/studies?{query}").status_code == 400


def test_feedback_is_stored(client: TestClient, uploaded: str, stand_in: Any) -> None:
    read_as(client, uploaded, stand_in(boxes=[Box(0.7, (10, 20, 30, 40))]))
    answer = client.post(f"/api/v1/studies/{uploaded}/findings/1/feedback", json={"verdict": "reject"})
    assert (answer.status_code, answer.json()) == (201, {"stored": True})
    assert client.get(f"/api/v1/studies/{uploaded}").json()["feedback"][0]["verdict"] == "reject"
    assert client.post(f"/api/v1/studies/{uploaded}/findings/7/feedback", json={"verdict": "reject"}).status_code == 404
    assert client.post(f"/api/v1/studies/{uploaded}/findings/1/feedback", json={"verdict": "?"}).status_code == 400


def test_a_model_that_was_unavailable_is_asked_again_on_request(
    client: TestClient, make_image: Make, tmp_path: Path, stand_in: Any
) -> None:
    for number in range(8):
        post(client, ct_slice(make_image, tmp_path, number).read_bytes())
    read_as(client, "1.2.3", stand_in(error=Unavailable("dead")))
    study = client.get("/api/v1/studies/1.2.3").json()
    assert (study["state"], study["quality"][0]["code"]) == ("failed", "ai_unavailable")
    assert client.post("/api/v1/studies/1.2.3/retry").json() == {"reading": True, "deliveries": 0}


def ct_slice(make_image: Make, folder: Path, number: int) -> Path:
    return make_image(
        folder / f"{number}.dcm", StudyInstanceUID="1.2.3", SeriesInstanceUID="1.2.3.1", Modality="CT",
        SOPClassUID="1.2.840.10008.5.1.4.1.1.2", BodyPartExamined="CHEST", ImageType=["ORIGINAL", "PRIMARY", "AXIAL"],
        ImagePositionPatient=[0, 0, number * 1.0], ImageOrientationPatient=[1, 0, 0, 0, 1, 0], PixelSpacing=[0.7, 0.7],
    )  # fmt: skip


def test_nothing_to_retry_is_said(client: TestClient, uploaded: str) -> None:
    answer = client.post(f"/api/v1/studies/{uploaded}/retry")
    assert (answer.status_code, answer.json()["detail"]) == (409, "nothing waits to be tried again")


def test_a_picture_that_is_not_there(client: TestClient, uploaded: str) -> None:
    assert client.get(f"/api/v1/studies/{uploaded}/preview/1.png").status_code == 404


SEEN = score_map(np.eye(4, dtype=np.float32), (0.0, 0.0, 96.0, 80.0))


def test_a_key_image_is_shown_with_boxes_with_the_score_map_and_bare(
    client: TestClient, uploaded: str, stand_in: Any
) -> None:
    read_as(client, uploaded, stand_in(boxes=[Box(0.7, (10, 20, 30, 40))], maps=[SEEN]))
    study = client.get(f"/api/v1/studies/{uploaded}").json()
    (picture,) = study["pictures"]
    assert (picture["number"], picture["findings"]) == (1, ["1"])
    assert picture["sop_instance_uid"] == study["findings"][0]["sop_instance_uid"]
    shown = {name: client.get(picture[name]) for name in ("boxes", "scores", "none")}
    assert {answer.headers["content-type"] for answer in shown.values()} == {"image/png"}
    assert len({answer.content for answer in shown.values()}) == 3
    assert shown["boxes"].content == client.get(study["previews"][0]).content


def test_the_score_map_is_in_the_answer_for_those_who_draw_themselves(
    client: TestClient, uploaded: str, stand_in: Any
) -> None:
    read_as(client, uploaded, stand_in(maps=[SEEN]))
    (image,) = client.get(f"/api/v1/studies/{uploaded}").json()["key_images"]
    told = msgspec.convert(image["score_map"], ScoreMap)
    assert told == SEEN


def test_a_result_without_a_map_says_so_and_shows_the_rest(client: TestClient, uploaded: str, stand_in: Any) -> None:
    read_as(client, uploaded, stand_in(boxes=[Box(0.7, (10, 20, 30, 40))]))
    (picture,) = client.get(f"/api/v1/studies/{uploaded}").json()["pictures"]
    assert picture["scores"] is None
    answer = client.get(f"{picture['boxes']}?overlay=scores")
    assert (answer.status_code, answer.json()["type"].rpartition(":")[2]) == (404, "no-score-map")
    assert "no score map was kept with this result" in answer.json()["detail"]
    assert client.get(picture["none"]).status_code == 200


def test_a_result_of_an_earlier_version_has_its_captures_and_nothing_else(
    client: TestClient, uploaded: str, stand_in: Any, engine: sa.Engine
) -> None:
    read_as(client, uploaded, stand_in(boxes=[Box(0.7, (10, 20, 30, 40))], maps=[SEEN]))
    with engine.begin() as connection:
        told = msgspec.json.decode(connection.scalar(sa.text("SELECT told FROM result")))
        del told["key_images"]
        connection.execute(sa.text("UPDATE result SET told = :told"), {"told": msgspec.json.encode(told).decode()})
    (picture,) = client.get(f"/api/v1/studies/{uploaded}").json()["pictures"]
    assert (picture["scores"], picture["none"], picture["sop_instance_uid"]) == (None, None, None)
    assert client.get(picture["boxes"]).status_code == 200
    assert client.get(f"{picture['boxes']}?overlay=scores").status_code == 404


def test_an_overlay_that_is_none(client: TestClient, uploaded: str, stand_in: Any) -> None:
    read_as(client, uploaded, stand_in())
    answer = client.get(f"/api/v1/studies/{uploaded}/preview/1.png?overlay=heat")
    assert (answer.status_code, answer.json()["detail"]) == (400, "expected overlay to be boxes, scores or none")


def test_an_image_that_is_no_longer_kept_is_not_drawn_again(
    client: TestClient, uploaded: str, stand_in: Any, engine: sa.Engine
) -> None:
    read_as(client, uploaded, stand_in(maps=[SEEN]))
    with engine.connect() as connection:
        digest = str(connection.scalar(sa.text("SELECT sha256 FROM instance")))
    store_of(client.app.state.settings).path(digest).unlink()  # type: ignore[attr-defined]
    assert client.get(f"/api/v1/studies/{uploaded}/preview/1.png?overlay=none").status_code == 404
    assert client.get(f"/api/v1/studies/{uploaded}/preview/1.png").status_code == 200
