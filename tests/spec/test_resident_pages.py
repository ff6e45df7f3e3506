"""The pages for family doctors: the list, one resident, what if, the handout, in both languages."""

import html
from collections.abc import Iterator
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any
from urllib.parse import unquote

import pytest
from starlette.testclient import TestClient

from cdss.serving.emr.desk import today
from cdss.serving.platform.application import application
from cdss.serving.platform.config import Settings

TODAY = today()
MARKUP = "<script>alert(1)</script>"
ANNA: dict[str, Any] = {
    "id": "A1", "age": 60, "sex": "female", "height_cm": 158, "weight_kg": 78, "waist_cm": 99, "sbp": 156, "dbp": 94,
    "hypertension": True, "bp_medication": True, "diabetes": False, "cvd": False, "smoking": False, "fpg_mmol": 6.4,
    "village": "东村", "doctor": "医生甲",
}  # fmt: skip


def visit(days_ago: int, **changed: Any) -> dict[str, Any]:
    return {**ANNA, "last_visit": (TODAY - timedelta(days=days_ago)).isoformat(), **changed}


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """Anna at two visits, a resident with nothing to do, and one whose words are markup."""
    with TestClient(application(Settings(home=tmp_path_factory.mktemp("home"), lang="en"))) as client:
        before = (TODAY - timedelta(days=100)).isoformat()
        calm = {"id": "B2", "age": 30, "sex": "male", "bmi": 22, "sbp": 112, "dbp": 70, "hypertension": False,
                "diabetes": False, "village": "西村", "doctor": "医生乙"}  # fmt: skip
        hostile = {**calm, "id": "C<3", "village": MARKUP, "doctor": MARKUP}
        for day, residents in ((before, [visit(103, sbp=170, weight_kg=80)]), ("", [visit(3), calm, hostile])):
            query = f"&day={day}" if day else ""
            assert client.post(f"/api/v1/risk?worklist=true{query}", json=residents).status_code == 200
        yield client


class Words(HTMLParser):
    """The text of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(page)

    def handle_data(self, data: str) -> None:
        self.found.append(data.strip())

    def __str__(self) -> str:
        return " ".join(filter(None, self.found))


def words(front: TestClient, path: str) -> str:
    answer = front.get(path)
    assert answer.status_code == 200
    return str(Words(answer.text))


def test_the_list_says_who_why_and_by_when(front: TestClient) -> None:
    shown = words(front, "/residents?lang=en")
    assert "A1" in shown
    assert "is above target" in shown
    assert "医生甲" in shown


@pytest.mark.parametrize(
    ("query", "there", "not_there"),
    [
        ("village=东村", "A1", "B2"),
        ("doctor=医生乙", "B2", "A1"),
        ("disease=hypertension", "A1", "B2"),
        ("tier=low", "B2", "A1"),
        ("id=A1", "A1", "B2"),
    ],
)
def test_the_list_is_filtered(front: TestClient, query: str, there: str, not_there: str) -> None:
    page = front.get(f"/residents?{query}").text
    assert f"/residents/{there}" in page
    assert f"/residents/{not_there}" not in page


def test_the_week_holds_whom_something_is_open_for(front: TestClient) -> None:
    page = front.get("/residents?week=1&capacity=10").text
    assert "/residents/A1" in page
    assert "/residents/B2" not in page


@pytest.mark.parametrize(
    ("lang", "says"),
    [
        ("en", "BMI 31.2 kg/m²|raises the risk most|below 140|not at target|systolic pressure 156 mmHg, before 170"),
        ("zh", "体重指数 31.2 kg/m²|升高风险最多|低于 140|未达标|收缩压 156 mmHg，上次 170"),
    ],
)  # fmt: skip
def test_one_resident_in_the_words_of_a_doctor(front: TestClient, lang: str, says: str) -> None:
    shown = words(front, f"/residents/A1?lang={lang}")
    for said in says.split("|"):
        assert said in shown
    assert "waist_height" not in shown
    assert "fpg_mmol" not in shown


def test_trends_are_drawn_and_told_to_who_cannot_see_them(front: TestClient) -> None:
    page = front.get("/residents/A1?lang=en").text
    assert page.count("<polyline") >= 3
    assert 'role="img"' in page


def test_what_is_missing_and_what_could_not_be_checked_is_said(front: TestClient) -> None:
    shown = words(front, "/residents/A1?lang=en")
    assert "urine albumin-creatinine ratio" in shown
    assert "parents with hypertension" in shown


def what_if(front: TestClient, htmx: bool = True, **values: str) -> Any:
    headers = {"HX-Request": "true"} if htmx else {}
    return front.post("/residents/A1/what-if?lang=en", data=values, headers=headers)


def test_what_if_scores_again_and_keeps_nothing(front: TestClient) -> None:
    before = front.get("/api/v1/residents/A1").json()
    answer = what_if(front, weight_kg="60", sbp="124", dbp="76")
    shown = str(Words(answer.text))
    assert answer.status_code == 200
    assert "No longer advised" in shown
    assert "is above target" in shown
    assert "association" in shown
    assert "<html" not in answer.text
    assert front.get("/api/v1/residents/A1").json() == before


def test_what_if_without_script_is_the_whole_page(front: TestClient) -> None:
    answer = what_if(front, htmx=False, sbp="124")
    assert answer.text.startswith("<!doctype html>")
    assert 'value="124"' in answer.text


@pytest.mark.parametrize("value", ["1240", "-3", "high", "nan"])
def test_what_cannot_be_a_pressure_is_refused_with_the_reason(front: TestClient, value: str) -> None:
    answer = what_if(front, sbp=value)
    assert answer.status_code == 422
    assert "50 to 270" in html.unescape(answer.text)


@pytest.mark.parametrize(
    ("lang", "says"), [("zh", ["您的健康告知单", "少吃盐", "156 mmHg", "待临床审核"]), ("en", ["156 mmHg", "salt"])]
)
def test_the_handout_is_in_plain_words(front: TestClient, lang: str, says: list[str]) -> None:
    shown = words(front, f"/residents/A1/handout?lang={lang}")
    for said in says:
        assert said in shown
    assert "pathway/" not in shown


def test_handouts_and_the_list_are_printed_together(front: TestClient) -> None:
    assert front.get("/residents/handouts?village=东村").text.count('class="handout"') == 1
    assert "A1" in words(front, "/residents/print?village=东村")


def test_advice_is_handled_on_the_page(front: TestClient) -> None:
    path = "/residents/A1/advices/pathway/bp-control/handled"
    answer = front.post(path, data={"as": "seen", "note": "dose doubled"}, follow_redirects=False)
    assert answer.status_code == 303
    assert "dose doubled" in words(front, "/residents/A1?lang=en")
    front.post(path, data={"as": "open"})


@pytest.mark.parametrize("path", ["/residents", "/residents?week=1", "/residents/C%3C3", "/residents/C%3C3/handout"])
def test_words_from_outside_are_never_markup(front: TestClient, path: str) -> None:
    assert MARKUP not in front.get(path).text


@pytest.mark.parametrize("id", ["3%2F12", "7%23a", "8%3Fb"], ids=["slash", "hash", "question mark"])
def test_every_id_on_the_list_opens_its_page_in_both_languages(front: TestClient, id: str) -> None:
    front.post("/api/v1/risk?worklist=true", json=visit(3, id=unquote(id)))
    page = front.get(f"/residents/{id}?lang=en")
    other = html.unescape(page.text.split('hreflang="zh-CN"')[0].rsplit('href="', 1)[1].split('"')[0])
    for path in (other, f"/residents/{id}/handout"):
        assert unquote(id) in words(front, path)
    handled = front.post(f"/residents/{id}/advices/pathway/bp-control/handled", data={"as": "seen"})
    assert (handled.status_code, handled.url.path) == (200, f"/residents/{unquote(id)}")


@pytest.mark.parametrize(
    ("lang", "says"), [("en", "urgent residents do not fit into 1"), ("zh", "位紧急居民排不进本周的 1 人")]
)
def test_the_week_says_how_many_urgent_residents_do_not_fit(front: TestClient, lang: str, says: str) -> None:
    urgent = [visit(0, id=f"U{number}", sbp=190, doctor="医生丙") for number in range(3)]
    assert front.post("/api/v1/risk?worklist=true", json=urgent).status_code == 200
    shown = words(front, f"/residents?week=1&capacity=1&doctor=医生丙&lang={lang}")
    assert says in shown
    assert "U2" in shown, "they are listed all the same"


def test_what_changed_stands_on_the_list_with_its_day(front: TestClient) -> None:
    assert f"{TODAY} systolic pressure" not in words(front, "/residents?id=A1&lang=en"), "still not at target"
    before, now = visit(40, id="E5", sbp=150), visit(1, id="E5", sbp=128, dbp=78)
    for day, row in ((TODAY - timedelta(days=40), before), (TODAY, now)):
        assert front.post(f"/api/v1/risk?worklist=true&day={day}", json=row).status_code == 200
    assert f"{TODAY} tier was high, now" in words(front, "/residents?id=E5&lang=en")


def test_who_is_not_on_the_list_is_not_found(front: TestClient) -> None:
    assert front.get("/residents/nobody").status_code == 404
    assert front.post("/residents/nobody/what-if", data={}).status_code == 404
