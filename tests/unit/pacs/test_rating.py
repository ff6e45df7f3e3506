"""The rating of malignancy travels beside a finding: in words that claim no more, and never silently missing."""

import shutil
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import numpy as np
import pytest
from pydicom.dataset import Dataset
from starlette.requests import Request as Asked

from cdss.models import lung_nodule_malignancy
from cdss.models.finding import Nodule, VolumeReading
from cdss.serving.pacs import command, detect, fhir
from cdss.serving.pacs.decode import header
from cdss.serving.pacs.detect import LocalDetector, ModelRef, Rating, VolumeAnswer
from cdss.serving.pacs.flow.books import Result
from cdss.serving.pacs.objects.report import report as structured
from cdss.serving.pacs.objects.request import Request
from cdss.serving.pacs.rating import MEANING
from cdss.serving.pacs.reading import read_study
from cdss.serving.pacs.result import Finding, Malignancy, StudyTold, read_by
from cdss.serving.pacs.series.file import File
from cdss.serving.pacs.subject import Subject
from cdss.serving.web.view import page

RATER = ModelRef("lung_nodule_malignancy", "0.1.0", "sha256:" + "7" * 64)
NODULES = Nodule(0.9, (10, 100, 200), 7.0), Nodule(0.4, (20, 50, 60), 5.0)


class Stand:
    """A detector that found NODULES and rates them so."""

    def __init__(self, *probabilities: float | None) -> None:
        self.probabilities = probabilities

    def volume(self, *_: Any) -> VolumeAnswer:
        rating = Rating(RATER, self.probabilities) if self.probabilities else None
        return VolumeAnswer(ModelRef("lung_nodule", "0.2.0", "sha256:" + "1" * 64), VolumeReading(NODULES), rating)


def told(scan: Any, *probabilities: float | None) -> StudyTold:
    return read_study("1", scan(), Stand(*probabilities))  # type: ignore[arg-type]


def test_each_finding_carries_its_own_rating_and_what_it_means(scan: Any) -> None:
    first, second = told(scan, 0.81234, 0.2).findings
    assert first.malignancy
    assert second.malignancy
    assert (first.malignancy.probability, second.malignancy.probability) == (0.812, 0.2)
    assert first.malignancy.model == RATER
    assert first.malignancy.en == "As readers would rate it, not pathology; the guideline's size rule decides."
    assert first.malignancy.zh == "按医师阅片会给出的评价，不是病理结果；随访由指南的大小规则决定。"


@pytest.mark.parametrize(
    ("probabilities", "codes"),
    [
        ((0.8, 0.2), ["rating_meaning"]),
        ((0.8, None), ["rating_meaning", "rating_left_out"]),
        ((None, None), ["rating_left_out"]),
        ((), ["rating_unavailable"]),
    ],
)
def test_what_is_missing_is_said(scan: Any, probabilities: tuple[float | None, ...], codes: list[str]) -> None:
    study = told(scan, *probabilities)
    assert [why.code for why in study.quality if why.code.startswith("rating")] == codes
    assert len(study.findings) == 2
    assert study.state == "reported"


def test_a_missing_rating_does_not_mean_benign(scan: Any) -> None:
    (why,) = [each for each in told(scan).quality if each.code == "rating_unavailable"]
    assert "does not mean benign" in why.en
    assert "不表示良性" in why.zh


def test_nothing_found_nothing_said_of_ratings(scan: Any, stand_in: Any) -> None:
    assert not [why for why in read_study("1", scan(), stand_in()).quality if why.code.startswith("rating")]


def test_another_rating_model_makes_another_result_and_fits_its_row(scan: Any) -> None:
    rated = read_by(told(scan, 0.8, 0.2))
    assert rated.endswith("+ lung_nodule_malignancy 0.1.0 777777777777")
    assert rated != read_by(told(scan))
    assert len(rated) <= 160


@pytest.fixture
def detector(monkeypatch: pytest.MonkeyPatch) -> LocalDetector:
    """The real ratings beside a detector that always finds NODULES in a made volume."""
    model = type("Found", (), {"card": lung_nodule_malignancy.load().card, "detect": lambda *_: VolumeReading(NODULES)})
    found = LocalDetector(threads=1)
    found.loaded["lung_nodule"] = model()
    monkeypatch.setattr(detect, "decode_slices", lambda *_: np.full((40, 160, 260), -850, np.int16))
    return found


def test_the_shipped_model_rates_what_was_found(detector: LocalDetector) -> None:
    answer = detector.volume([], (1.25, 0.7, 0.7))
    assert answer.rating
    assert answer.rating.model.name == "lung_nodule_malignancy"
    assert all(each is not None and 0 <= each <= 1 for each in answer.rating.probabilities)


def test_a_damaged_model_does_not_hide_the_findings(
    detector: LocalDetector, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(Path(lung_nodule_malignancy.__file__).parent, tmp_path / "model")
    with (tmp_path / "model" / "model.onnx").open("ab") as file:
        file.write(b"\0")
    load = lung_nodule_malignancy.load
    monkeypatch.setattr(lung_nodule_malignancy, "load", lambda threads: load(tmp_path / "model", threads))
    answer = detector.volume([], (1.25, 0.7, 0.7))
    assert answer.rating is None
    assert answer.reading.findings == NODULES


MEANT = Malignancy(0.8125, RATER, MEANING.zh, MEANING.en)
FINDING = Finding(
    id="1", kind="lung_nodule", score=0.9, position_mm=(-10.0, 20.5, 30.0), diameter_mm=7.0, malignancy=MEANT,
    sop_instance_uid="1.2.3.4", box_px=(1, 2, 3, 4), series_uid="1.2.3.1",
)  # fmt: skip


def test_fhir_has_it_as_a_component_that_says_what_it_is_not() -> None:
    study = StudyTold(study_uid="1.2.3", state="reported", series=(), quality=(), model=RATER, findings=(FINDING,))
    made = fhir.report(Result("id", "m", "lung_nodule", "2026-01-05T09:30:00.000+00:00", study), Subject(), "en")
    (part,) = [each for each in made["contained"][0]["component"] if "text" in each["code"]]
    assert part["valueQuantity"]["value"] == pytest.approx(81.2, abs=0.1)
    assert "not pathology" in part["code"]["text"]
    assert "不是病理结果" in part["code"]["text"]


def test_the_structured_report_names_the_model_that_rated(phantom: Any) -> None:
    files = [File(path, header.read(path)) for path in sorted(phantom[0].glob("*.dcm"))]
    study = read_study(files[0].about.study_uid, files, Stand(0.8125, None))  # type: ignore[arg-type]
    made = structured(Request("key", study, tuple(files), datetime(2026, 1, 5, tzinfo=UTC)))
    (rating,) = items(made, "Malignancy as readers would rate it, not pathology")
    assert rating.MeasuredValueSequence[0].NumericValue == pytest.approx(81.2)
    assert items(rating, "Algorithm Name")[0].TextValue == "lung_nodule_malignancy"
    assert any("the guideline's size rule decides" in each.TextValue for each in items(made, "Comment"))


def items(dataset: Dataset, meaning: str) -> list[Dataset]:
    """All content items under the concept named `meaning`, anywhere in the tree."""
    found = []
    for item in dataset.get("ContentSequence", []):
        name = item.get("ConceptNameCodeSequence")
        found += [item] if name and name[0].CodeMeaning == meaning else []
        found += items(item, meaning)
    return found


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("zh", "0.90 7 mm (网络估计，未能测量)，恶性程度（医师评分的预测） 81% @"),
        ("en", "0.90 7 mm (the network's estimate, not measured), malignancy as readers would rate it 81% @"),
    ],
)
def test_the_terminal_shows_it_behind_the_size(scan: Any, lang: Any, said: str) -> None:
    first, second = command._findings(told(scan, 0.81234, None), lang).splitlines()
    assert first.startswith(said)
    assert "%" not in second


@pytest.mark.parametrize(
    ("lang", "meaning"), [("zh", "不是病理结果；随访由指南的大小规则决定"), ("en", "not pathology; the guideline")]
)
def test_the_page_shows_it_with_its_meaning_and_a_dash_where_there_is_none(scan: Any, lang: str, meaning: str) -> None:
    settings = SimpleNamespace(state=SimpleNamespace(settings=SimpleNamespace(lang="zh")))
    asked = {
        "type": "http",
        "path": "/studies/1",
        "query_string": f"lang={lang}".encode(),
        "headers": [],
        "app": settings,
    }
    study = msgspec.to_builtins(told(scan, 0.81234, None)) | {"pictures": [], "history": []}
    made = page(
        Asked(asked | {"server": ("here", 80), "scheme": "http"}), "study.html",
        study=study, who=defaultdict(Subject), advices=[], on_film={}, colours=[], sizes=["7 mm", "5 mm"],
    )  # fmt: skip
    html = bytes(made.body).decode()
    assert meaning in html
    assert "81 %" in html
    assert html.count(">lung_nodule_malignancy</a>") == 1
