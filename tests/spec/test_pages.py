"""The pages over a house that is lived in: studies that were read and refused, residents that were assessed."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient

from cdss.models.finding import Box, FilmReading
from cdss.models.score_map import score_map
from cdss.serving.pacs.detect import FilmAnswer, ModelRef
from cdss.serving.pacs.flow import books, steps
from cdss.serving.pacs.intake.store import store_of
from cdss.serving.pacs.tables import study
from cdss.serving.platform.application import application
from cdss.serving.platform.config import Settings
from cdss.serving.population.worklist import listing, store

Make = Callable[..., Path]
NOTICE = {"zh": "非已注册医疗器械", "en": "not a cleared medical device"}
REVIEW = {"zh": "知识待临床审核", "en": "knowledge needs clinical review"}
RESIDENTS: list[dict[str, Any]] = [
    {"id": "R1", "age": 66, "sex": "female", "height_cm": 158, "weight_kg": 72, "waist_cm": 95, "sbp": 186, "dbp": 104,
     "hypertension": 1, "fpg_mmol": 6.64, "village": "东村", "doctor": "医生甲"},
    {"id": "R2", "age": 41, "sex": "male", "sbp": 12, "village": "西村"},
]  # fmt: skip


class Reader:
    """One box on every film, sure of it; without `maps` it keeps no score map."""

    def __init__(self, maps: bool = True) -> None:
        self.maps = maps

    def film(self, _: Path) -> FilmAnswer:
        seen = score_map(np.eye(4, dtype=np.float32), (0.0, 0.0, 96.0, 80.0)) if self.maps else None
        reading = FilmReading(0.99, (Box(0.7, (10, 20, 30, 40)),), seen)
        return FilmAnswer(ModelRef("fracture", "9.9.9", "sha256:0"), reading)

    def volume(self, *_: object) -> Any:
        raise NotImplementedError


@pytest.fixture(scope="module")
def lived_in(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A front with two residents on its list; studies come with the tests that need them."""
    current = Settings(home=tmp_path_factory.mktemp("home"), lang="en")
    with TestClient(application(current), raise_server_exceptions=False) as client:
        state: Any = client.app.state  # type: ignore[attr-defined]
        store_of(current).prepare("http")
        with state.engine.begin() as connection:
            store.keep(connection, state.clinic.assess(RESIDENTS))
        yield client


def received(client: TestClient, path: Path) -> str:
    """Send one file; the UID of its study."""
    answer = client.post("/api/v1/studies", files=[("file", ("one.dcm", path.read_bytes()))])
    return str(answer.json()["studies"][0])


def read(client: TestClient, reader: Reader | None = None) -> None:
    """Do what the worker does with all complete studies."""
    state: Any = client.app.state  # type: ignore[attr-defined]
    site = steps.Site(state.settings, state.engine, store_of(state.settings), reader or Reader())
    for uid in books.complete_quiet(state.engine, quiet_seconds=-1):
        with state.engine.connect() as connection:
            inputs = connection.scalar(sa.select(study.c.manifest).where(study.c.study_uid == uid))
        result = steps.read(site, uid, str(inputs), 0)
        if result:
            steps.make_objects(site, result, 0)


@pytest.fixture(scope="module")
def film(lived_in: TestClient, make_image: Make, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A film of a hand that was read, of a patient whose name is written in Chinese."""
    named = {"SpecificCharacterSet": "GB18030", "PatientName": "ZHANG^SAN=张^三", "PatientID": "M-0042"}
    path = make_image(tmp_path_factory.mktemp("film") / "film.dcm", StudyDate="20261120", **named)
    uid = received(lived_in, path)
    read(lived_in)
    return uid


@pytest.fixture(scope="module")
def skull(lived_in: TestClient, make_image: Make, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A film that no model is for."""
    path = make_image(tmp_path_factory.mktemp("skull") / "skull.dcm", BodyPartExamined="SKULL", PatientID="M-0043")
    uid = received(lived_in, path)
    read(lived_in)
    return uid


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_read_film_shows_whose_it_is_what_was_found_and_what_to_do(
    lived_in: TestClient, film: str, lang: str
) -> None:
    page = lived_in.get(f"/studies/{film}?lang={lang}")
    assert page.status_code == 200
    for said in ("张三", "M-0042", "1960-01-01", "2026-11-20", "HAND", "10, 20, 30, 40 px", "9.9.9"):
        assert said in page.text
    for said in (NOTICE[lang], REVIEW[lang], "pathway/fracture"):
        assert said in page.text
    assert f"/api/v1/studies/{film}/preview/1.png" in page.text


SCORE_MAP = {"zh": "评分图：网络评分高的位置；不说明原因；不是诊断", "en": "it does not explain why; not a diagnosis"}
NO_MAP = {"zh": "该结果没有保存评分图", "en": "No score map was kept with this result"}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_key_image_can_be_switched_to_the_score_map_which_says_what_it_is_not(
    lived_in: TestClient, film: str, lang: str
) -> None:
    page = lived_in.get(f"/studies/{film}?lang={lang}").text
    assert f"/api/v1/studies/{film}/preview/1.png?overlay=scores" in page
    assert f"/api/v1/studies/{film}/preview/1.png?overlay=none" in page
    assert SCORE_MAP[lang] in page
    assert NO_MAP[lang] not in page


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_where_no_score_map_was_kept_the_page_says_so_and_shows_none(
    lived_in: TestClient, lang: str, make_image: Make, tmp_path: Path
) -> None:
    uid = received(lived_in, make_image(tmp_path / "film.dcm"))
    read(lived_in, Reader(maps=False))
    page = lived_in.get(f"/studies/{uid}?lang={lang}").text
    assert NO_MAP[lang] in page
    assert "overlay=scores" not in page
    assert SCORE_MAP[lang] not in page


@pytest.mark.parametrize(
    ("lang", "reason", "no_claim"),
    [
        ("zh", "不在模型适用范围内", "不是“无发现”"),
        ("en", "outside what the model is for", "this is not &#34;no finding&#34;"),
    ],
)
def test_a_film_out_of_scope_says_why_and_claims_nothing(
    lived_in: TestClient, skull: str, lang: str, reason: str, no_claim: str
) -> None:
    page = lived_in.get(f"/studies/{skull}?lang={lang}")
    assert page.status_code == 200
    assert reason in page.text.lower()
    assert no_claim in page.text


def test_the_list_of_studies_names_patients_and_states(lived_in: TestClient, film: str, skull: str) -> None:
    page = lived_in.get("/studies?lang=en").text
    for said in ("张三", "M-0042", "M-0043", "not applicable", "reported", f"/studies/{film}", f"/studies/{skull}"):
        assert said in page


@pytest.mark.parametrize(("lang", "pressing"), [("zh", "达到危急值"), ("en", "reaches the emergency level")])
def test_a_resident_has_what_presses_reasons_and_what_is_missing(
    lived_in: TestClient, lang: str, pressing: str
) -> None:
    page = lived_in.get(f"/residents/R1?lang={lang}").text
    for said in (pressing, NOTICE[lang], REVIEW[lang], "186", "pathway/bp-emergency"):
        assert said in page
    assert "bun_mmol" not in page, "a doctor's word, not the name of a column"


def test_a_resident_whose_row_has_a_fault_is_on_the_list_with_it(lived_in: TestClient) -> None:
    assert "sbp" in lived_in.get("/residents/R2?lang=en").text
    page = lived_in.get("/residents?lang=en").text
    assert page.index("R1") < page.index("R2"), "what presses comes first"


def test_the_list_is_filtered(lived_in: TestClient) -> None:
    page = lived_in.get("/residents?village=西村&lang=en").text
    assert "/residents/R2" in page
    assert "/residents/R1" not in page


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("name", ["diabetes_screen", "diabetes_incident_cn", "fracture", "lung_nodule"])
def test_every_model_has_its_card(lived_in: TestClient, name: str, lang: str) -> None:
    page = lived_in.get(f"/models/{name}?lang={lang}")
    assert page.status_code == 200
    assert "sha256:" in page.text
    assert NOTICE[lang] in page.text


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/nowhere", "text/html"),
        ("/studies/1.2.3", "text/html"),
        ("/residents/nobody", "text/html"),
        ("/api/v1/nowhere", "application/problem+json"),
        ("/api/v1/studies/1.2.3", "application/problem+json"),
        ("/fhir/Nowhere", "application/fhir+json"),
    ],
)
def test_what_is_not_there_is_said_in_the_form_the_caller_reads(lived_in: TestClient, path: str, form: str) -> None:
    answer = lived_in.get(path)
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith(form)


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [("DELETE", "/api/v1/residents", "GET"), ("GET", "/api/v1/orders/check", "POST"), ("PUT", "/orders", "POST")],
)
def test_a_wrong_method_names_the_right_one(lived_in: TestClient, method: str, path: str, allowed: str) -> None:
    answer = lived_in.request(method, path)
    assert answer.status_code == 405
    assert allowed in answer.headers["allow"]


@pytest.mark.parametrize(
    ("path", "form"), [("/residents/R1", "text/html"), ("/api/v1/residents", "application/problem+json")]
)
def test_a_fault_nobody_foresaw_shows_nothing_of_itself(
    lived_in: TestClient, path: str, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("patient R1")

    monkeypatch.setattr(store, "one", broken)
    monkeypatch.setattr(listing, "page", broken)
    answer = lived_in.get(path)
    assert answer.status_code == 500
    assert answer.headers["content-type"].startswith(form)
    assert "R1" not in answer.text.replace("/residents/R1", "")
    assert "ZeroDivision" not in answer.text


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_an_order_that_interrupts_shows_what_could_be_given_instead(lived_in: TestClient, lang: str) -> None:
    text = lived_in.get(f"/orders?example=bleeding&lang={lang}").text
    assert {"zh": "对乙酰氨基酚", "en": "<strong>paracetamol</strong>"}[lang] in text
    assert {"zh": "剂量须另行核对", "en": "dose to be checked"}[lang] in text


def test_an_interaction_shows_its_levels_conditions_and_pairs(lived_in: TestClient) -> None:
    text = lived_in.get("/rules/interaction/ansm2020-0013?lang=en").text
    assert "contraindicated" in text
    assert "In any case" in text
    assert "阿司匹林 aspirin + 华法林 warfarin" in text
    assert lived_in.get("/rules/interaction/none-such").status_code == 404
