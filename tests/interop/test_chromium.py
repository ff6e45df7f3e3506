"""The pages in a real browser: they load without an error, in both languages, and the order check answers."""

import shutil
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
import sqlalchemy as sa
import uvicorn

from cdss.models.finding import Box, FilmReading
from cdss.models.score_map import score_map
from cdss.serving.emr.desk import today
from cdss.serving.pacs.detect import FilmAnswer, ModelRef
from cdss.serving.pacs.flow import books, steps
from cdss.serving.pacs.intake.store import store_of
from cdss.serving.pacs.tables import study
from cdss.serving.platform import database
from cdss.serving.platform.application import application
from cdss.serving.platform.config import Settings

pytestmark = pytest.mark.interop
PAGES = (
    "/", "/orders", "/studies", "/residents", "/residents?week=1", "/residents/print", "/models", "/models/ckd_alert",
    "/monitoring", "/api", "/rules/renal/metformin",
)  # fmt: skip


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """An empty home."""
    current = Settings(home=tmp_path_factory.mktemp("home"), lang="zh")
    store_of(current).prepare("http")
    return current


@pytest.fixture(scope="module")
def address(home: Settings) -> Iterator[str]:
    """A front on a free port, in this process."""
    server = uvicorn.Server(uvicorn.Config(application(home), port=0, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join(10)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Debian's Chromium, headless."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        pytest.skip("Chromium is not installed")
    api = pytest.importorskip("playwright.sync_api")
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    """A page that remembers what went wrong on it."""
    page = browser.new_page()
    page.errors = []
    page.on("console", lambda message: page.errors.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: page.errors.append(str(error)))
    yield page
    page.close()


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("path", PAGES)
def test_every_page_loads_without_an_error(address: str, page: Any, path: str, lang: str) -> None:
    answer = page.goto(f"{address}{path}{'&' if '?' in path else '?'}lang={lang}")
    assert (answer.status, page.errors) == (200, [])
    assert page.locator("html").get_attribute("lang") == {"zh": "zh-CN", "en": "en"}[lang]
    words = {"zh": "非已注册医疗器械", "en": "not a cleared medical device"}[lang]
    assert words in page.locator("footer").last.inner_text()


def test_an_order_is_checked_on_the_page(address: str, page: Any) -> None:
    page.goto(f"{address}/orders?lang=en&example=kidney")
    page.locator("#body").fill(
        '{"patient": {}, "orders": [{"drug": {"name": "华法林"}}, {"drug": {"name": "布洛芬"}}]}'
    )
    page.get_by_role("button", name="Check").click()
    page.locator("article.alert.avoid h2").first.wait_for()
    assert "warfarin + ibuprofen: avoid" in page.locator("#answer").inner_text()
    assert page.errors == []


def test_a_bad_order_says_why_on_the_page(address: str, page: Any) -> None:
    page.goto(f"{address}/orders?lang=zh")
    page.locator("#body").fill("{")
    page.get_by_role("button", name="核对").click()
    page.locator("article.alert.fault").wait_for()
    assert "不是合法的 JSON" in page.locator("#answer").inner_text()


def test_text_from_a_request_is_never_markup(address: str, page: Any) -> None:
    page.goto(f"{address}/orders")
    page.locator("#body").fill('{"patient": {}, "orders": [{"drug": {"name": "<img src=x onerror=alert(1)>"}}]}')
    page.get_by_role("button").first.click()
    page.get_by_text("<img src=x").last.wait_for()
    assert page.locator("#answer img").count() == 0


@pytest.fixture(scope="module")
def seen(address: str) -> str:
    """The page of a resident who was seen twice."""
    resident = {"id": "K1", "age": 58, "sex": "male", "height_cm": 170, "weight_kg": 92, "waist_cm": 104, "sbp": 162,
                "dbp": 98, "hypertension": True, "bp_medication": True, "diabetes": False, "fpg_mmol": 6.3,
                "village": "东村", "doctor": "医生甲"}  # fmt: skip
    for day in (today() - timedelta(days=90), today()):
        visit = resident | {"last_visit": day.isoformat()}
        answer = httpx.post(f"{address}/api/v1/risk?worklist=true&day={day}", json=visit, timeout=30)
        assert answer.status_code == 200
    return "/residents/K1"


def move(page: Any, slider: str, value: int) -> None:
    page.locator(f'[data-for="c-{slider}"]').evaluate(
        "(slider, value) => { slider.value = value; slider.dispatchEvent(new Event('input', {bubbles: true})); }", value
    )


def test_a_slider_scores_again_at_once(address: str, page: Any, seen: str) -> None:
    page.goto(f"{address}{seen}?lang=en")
    page.evaluate("window.same = true")
    move(page, "sbp", 124)
    page.locator("#what-if table").wait_for()
    kidneys = page.locator("#what-if tr", has_text="chronic kidney disease").locator("td")
    on_record, first = kidneys.nth(0).inner_text(), kidneys.nth(1).inner_text()
    assert page.locator("#c-sbp").input_value() == "124"
    assert "No longer advised" in page.locator("#what-if").inner_text()
    assert percent(first) < percent(on_record)
    move(page, "sbp", 200)
    page.locator("#what-if td strong", has_text=first).wait_for(state="detached")
    assert percent(kidneys.nth(1).inner_text()) > percent(on_record)
    assert page.evaluate("window.same"), "the page was not loaded again"
    assert page.errors == []


def percent(text: str) -> float:
    return float(text.removesuffix("%"))


def test_a_value_that_cannot_be_says_why_beside_the_sliders(address: str, page: Any, seen: str) -> None:
    page.goto(f"{address}{seen}?lang=en")
    page.locator("#c-sbp").fill("900")
    page.locator("#what-if [role=alert]").wait_for()
    assert "expected 50 to 270 mmHg" in page.locator("#what-if").inner_text()


NAMELESS = """() => [...document.querySelectorAll('input:not([type=hidden]), select, textarea, button, a, svg')]
    .filter(e => !(e.labels?.length || e.getAttribute('aria-label') || e.textContent.trim() ||
                   e.closest('[aria-hidden=true]')))
    .map(e => e.outerHTML.slice(0, 80))"""
REPEATED = """() => { const ids = [...document.querySelectorAll('[id]')].map(e => e.id);
    return ids.filter((id, place) => ids.indexOf(id) !== place); }"""
SKIPPED = """() => { const levels = [...document.querySelectorAll('h1, h2, h3, h4')].map(e => +e.tagName[1]);
    return levels.filter((level, place) => place && level > levels[place - 1] + 1); }"""


@pytest.mark.parametrize("path", ["/residents", "/residents?week=1", "/residents/K1", "/residents/K1/handout"])
def test_who_cannot_see_is_told_what_everything_is(address: str, page: Any, seen: str, path: str) -> None:
    page.goto(f"{address}{path}")
    assert page.evaluate(NAMELESS) == [], "every control and drawing has a name"
    assert page.evaluate(REPEATED) == [], "no id stands twice"
    assert page.evaluate(SKIPPED) == [], "headings go down a level at a time"
    assert page.locator("h1").count() == 1


SEEN = score_map(np.eye(4, dtype=np.float32), (0.0, 0.0, 96.0, 80.0))


class Reader:
    """One box on every film, and a score map."""

    def film(self, _: Path) -> FilmAnswer:
        return FilmAnswer(ModelRef("fracture", "9.9.9", "sha256:0"), FilmReading(0.9, (Box(0.7, (1, 2, 3, 4)),), SEEN))

    def volume(self, *_: object) -> Any:
        raise NotImplementedError


@pytest.fixture(scope="module")
def film(address: str, home: Settings, make_image: Any, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The page of a film that was read."""
    path = make_image(tmp_path_factory.mktemp("film") / "film.dcm", InstanceNumber=4)
    files = {"file": ("film.dcm", path.read_bytes())}
    (uid,) = httpx.post(f"{address}/api/v1/studies", files=files, timeout=30).json()["studies"]
    engine = database.connect(home.database)
    books.complete_quiet(engine, quiet_seconds=-1)
    with engine.connect() as connection:
        inputs = str(connection.scalar(sa.select(study.c.manifest).where(study.c.study_uid == uid)))
    site = steps.Site(home, engine, store_of(home), Reader())
    steps.make_objects(site, steps.read(site, uid, inputs, 0), 0)
    engine.dispose()
    return f"/studies/{uid}"


@pytest.mark.parametrize("width", [360, 1280])
def test_a_key_image_is_switched_to_the_score_map_and_back(address: str, page: Any, film: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 740})
    page.goto(f"{address}{film}?lang=en")
    boxes, scores, words = (page.locator(f"#image-1 {name}") for name in ("img.boxes", "img.scores", "div.scores"))
    assert (boxes.is_visible(), scores.is_visible(), words.is_visible()) == (True, False, False)
    with page.expect_response("**/preview/1.png?overlay=scores") as answer:
        page.get_by_label("Score map").first.check()
    assert answer.value.status == 200
    assert (boxes.is_visible(), scores.is_visible()) == (False, True)
    assert "not a diagnosis" in words.inner_text()
    page.get_by_label("Boxes").first.check()
    assert (boxes.is_visible(), scores.is_visible(), words.is_visible()) == (True, False, False)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.errors == []
    for faults in (NAMELESS, REPEATED, SKIPPED):
        assert page.evaluate(faults) == []


NARROW = (
    "/residents", "/residents?week=1", "/residents/print", "/residents/K1", "/residents/K1/handout", "/monitoring",
    "/models/ckd_alert",
)  # fmt: skip


@pytest.mark.parametrize("path", NARROW)
def test_nothing_is_wider_than_a_telephone(address: str, page: Any, seen: str, path: str) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(f"{address}{path}")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_a_value_on_a_telephone_is_on_one_line(address: str, page: Any, seen: str) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(f"{address}{seen}?lang=zh")
    move(page, "sbp", 124)
    page.locator("#what-if table").wait_for()
    tall = "cells => Math.max(...cells.map(cell => cell.getClientRects()[0].height))"
    assert page.locator("#measured ~ table td:not(:empty), #what-if td:not(:empty)").evaluate_all(tall) < 2 * 24
