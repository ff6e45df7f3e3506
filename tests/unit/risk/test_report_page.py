"""The page of a report: whole, in both languages, with every number, and needing nothing from outside."""

import re
import shutil
from html.parser import HTMLParser
from pathlib import Path
from types import ModuleType

import msgspec
import numpy as np
import pytest

from cdss.evaluation.curves import panel
from cdss.evaluation.html.page import page, write
from cdss.evaluation.html.tables import told
from cdss.evaluation.html.words import checklist, metric, score, words
from cdss.evaluation.lacking import blanked
from cdss.evaluation.ranked import probabilities, ranking, subgroups
from cdss.evaluation.report import TIER, Metric, Report, Subgroup, to_card, to_json
from cdss.models import bp_control, ckd_alert, diabetes_incident_cn, diabetes_screen
from cdss.models.artifact import CARD_FILE, REPORT_FILE, companion
from cdss.models.card import Card, Text, read
from cdss.training.risk.card import write_card

VOID = {"meta", "input", "br", "hr", "img"}
CONTRACT = ["model", "version", "digest", "dataset", "split", "n", "events", "metrics", "baselines", "subgroups"]


class Reader(HTMLParser):
    """Collects what matters, and fails where a tag is not closed by its own."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1:] != ["style"]:
            self.text += " " + data

    def all_of(self, attribute: str) -> list[str]:
        return [value for _, attrs in self.tags if (value := attrs.get(attribute)) is not None]


@pytest.fixture(scope="module")
def card() -> Card:
    return read(Path(diabetes_screen.__file__).parent / CARD_FILE)


@pytest.fixture(scope="module")
def report(card: Card) -> Report:
    """Made-up people, two tiers, one group with too few events, and a number that is not defined."""
    generator = np.random.default_rng(8)
    columns = {"age": generator.normal(50, 10, 1500), "bmi": generator.normal(25, 4, 1500)}
    risk = 1 / (1 + np.exp(9 - 0.1 * columns["age"] - 0.06 * columns["bmi"]))
    event = (generator.random(1500) < risk).astype(np.int64)
    sex = np.where(np.arange(1500) < 1480, "female", "male")
    both = {"diabetes_screen": risk, "spline_logistic_tier_b": np.clip(risk * 1.1, 0, 1)}
    found = probabilities(event, risk, 20)
    baselines = {"spline_logistic_tier_b": probabilities(event, both["spline_logistic_tier_b"], 20)}
    return Report(
        model="diabetes_screen",
        version="1.0.0",
        digest=card.digest,
        dataset="nhanes",
        split="<b>made up</b>",
        n=1500,
        events=int(event.sum()),
        metrics=found | {f"{key}_tier_b": each for key, each in found.items()} | {"odd": Metric(float("nan"))},
        baselines=baselines | {"ncdrs": ranking(event, columns["age"], 20), "nobody_knows": {"auc": Metric(0.123456)}},
        subgroups=[*subgroups({"sex": sex}, event, risk, 20), Subgroup("site", "9", 5, 1, {"extra": Metric(0.654321)})],
        notes=["a note with <script>alert(1)</script>"],
        curves=[
            panel("tier_b", event, both, {"ncdrs": columns["age"]}, 20),
            panel("tier_a", event, {"diabetes_screen": risk}, {}, 20),
        ],
        lacking=blanked(lambda seen: np.where(np.isnan(seen["age"]), np.nan, risk), columns, event, ("age", "bmi"), 20),
    )


@pytest.fixture(scope="module")
def read_page(report: Report, card: Card) -> Reader:
    return Reader(page(report, card))


def test_every_tag_is_closed_and_every_id_is_there_once(read_page: Reader) -> None:
    assert read_page.open == []
    ids = read_page.all_of("id")
    assert len(ids) == len(set(ids))


def test_nothing_is_fetched_and_nothing_runs(report: Report, card: Card, read_page: Reader) -> None:
    assert not {"script", "link", "iframe", "object", "img"} & {tag for tag, _ in read_page.tags}
    assert not read_page.all_of("src")
    assert not read_page.all_of("style"), "a policy that allows the style sheet by its hash allows no other style"
    assert all(href.startswith("#") for href in read_page.all_of("href"))
    assert not re.search(r"url\(|@import|\bon\w+=", page(report, card))


def test_what_comes_from_outside_is_escaped(read_page: Reader) -> None:
    assert "<script>alert(1)</script>" in read_page.text
    assert "<b>made up</b>" in read_page.text


def test_every_number_of_the_report_is_on_it(report: Report, read_page: Reader) -> None:
    text = re.sub(r"\s+", " ", read_page.text)
    groups = [group.metrics for group in report.subgroups if group.metrics]
    cases = [case.metrics for case in report.lacking.cases] if report.lacking else []
    for found in (report.metrics, *report.baselines.values(), *groups, *cases):
        for key, each in found.items():
            assert told(each) in text, key


def test_both_languages_say_the_same_number_of_things(read_page: Reader) -> None:
    languages = [attrs.get("lang") for tag, attrs in read_page.tags if tag != "html"]
    assert languages.count("zh") == languages.count("en") > 200


def test_it_says_what_it_is_for_and_what_it_is_not(card: Card, read_page: Reader) -> None:
    for text in (card.purpose.intended_use, card.purpose.population, card.out_of_scope.cautioned, *card.limits):
        assert text.zh in read_page.text
        assert text.en in read_page.text
    assert "Decision support, not a cleared medical device." in read_page.text
    assert card.digest in read_page.text


def test_every_link_of_the_checklist_leads_to_a_part_of_the_page(read_page: Reader) -> None:
    assert {href[1:] for href in read_page.all_of("href")} <= set(read_page.all_of("id"))


def test_the_checklist_names_every_item_once_and_says_where_or_why_not(card: Card) -> None:
    items = checklist()
    assert len({item.item for item in items}) == len(items) == 52
    for item in items:
        assert item.at or item.card or item.where, item.item
        assert item.state != "no" or item.where, f"{item.item}: what is not done has a reason"
        assert not item.card or hasattr(card, item.card), item.item


def test_few_events_have_words_in_place_of_numbers(read_page: Reader) -> None:
    assert "fewer than 10 events, no numbers" in read_page.text


def test_a_feature_that_the_model_cannot_do_without_is_said_to_be_one(read_page: Reader) -> None:
    assert "the model gives no number without it" in read_page.text


def test_every_metric_has_a_name_and_a_tier_stays_visible() -> None:
    event, risk = np.tile([0, 0, 1], 20), np.linspace(0.1, 0.9, 60)
    names = set(probabilities(event, risk, 2)) | {"sensitivity_at_overall_20_flagged", "auc_lost"}
    assert names <= words()["metrics"].keys()
    assert metric("auc_tier_b").en.startswith("AUC")
    assert metric("auc_tier_b0").en.endswith("(tier b0)")
    assert score("spline_logistic_tier_a_fh").zh == "样条逻辑回归（a_fh 档）"
    assert score("unheard_of") == Text(zh="unheard_of", en="unheard_of")


@pytest.mark.parametrize("model", [bp_control, ckd_alert, diabetes_incident_cn, diabetes_screen])
def test_everything_in_the_shipped_cards_is_called_by_a_name_in_both_languages(model: ModuleType) -> None:
    shipped = read(Path(str(model.__file__)).parent / CARD_FILE)
    for tier in model.TIERS:
        assert f"{shipped.name}/tier_{tier.name}" in words()["panels"]
    for evaluation in shipped.evaluations:
        keys = {*evaluation["metrics"], *(key for group in evaluation["subgroups"] for key in group["metrics"])}
        assert {TIER.sub("", key) for key in keys} <= words()["metrics"].keys()
        assert {TIER.sub("", key) for key in evaluation["baselines"]} <= words()["scores"].keys()
        values = {group["value"] for group in evaluation["subgroups"]}
        assert {value for value in values if not value[0].isdigit()} <= words()["groups"].keys()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Metric(0.8123, (0.79, 0.834)), "0.812 (0.790, 0.834)"),
        (Metric(0.0123, (-0.0001, 0.02)), "0.0123 (−0.0001, 0.0200)"),
        (Metric(-0.00001), "0.0000"),  # not minus nought
        (Metric(1.5), "1.500"),
        (Metric(float("nan")), "–"),
        (None, "–"),
    ],
)
def test_how_a_number_is_written(value: Metric | None, text: str) -> None:
    assert told(value) == text


def test_a_report_without_curves_is_a_page_too(report: Report, card: Card) -> None:
    """An evaluation of an imaging model has numbers and no panels."""
    bare = msgspec.structs.replace(report, curves=[], lacking=None, subgroups=[], metrics={"map50": Metric(0.4712)})
    found = Reader(page(bare, card))
    assert "0.471" in found.text
    assert {href[1:] for href in found.all_of("href")} <= set(found.all_of("id"))


def test_a_site_without_events_has_a_page_that_draws_no_nonsense(report: Report, card: Card) -> None:
    nobody = panel("tier_a", np.zeros(50, np.int64), {"diabetes_screen": np.linspace(0.1, 0.5, 50)}, {}, 5)
    text = page(msgspec.structs.replace(report, curves=[nobody], subgroups=[], lacking=None), card)
    assert Reader(text).open == []
    assert not re.search(r'"[^"]*\bnan\b[^"]*"', text), "no place on any axis"


def test_the_language_shown_first_can_be_chosen(report: Report, card: Card) -> None:
    assert '<html lang="zh">' in page(report, card)
    assert '<html lang="en">' in page(report, card, "en")


def test_it_is_written_beside_the_card_or_where_it_is_asked_to_be(report: Report, card: Card, tmp_path: Path) -> None:
    write(report, card, tmp_path)
    write(report, card, tmp_path / "other.html")
    assert (tmp_path / "report.html").read_bytes() == (tmp_path / "other.html").read_bytes()
    assert (tmp_path / "report.html").stat().st_size < 300_000


def test_training_writes_it_with_the_card_and_the_card_names_it(
    report: Report, small_model: Path, tmp_path: Path
) -> None:
    shutil.copy(small_model / "model.onnx", tmp_path)
    assert write_card(tmp_path, "diabetes_screen", [], [], [], []).companions == {}
    assert not (tmp_path / REPORT_FILE).exists()
    write_card(tmp_path, "diabetes_screen", [], [], [report], [])
    card = read(tmp_path / CARD_FILE)
    assert report.digest in companion(tmp_path, card, REPORT_FILE).read_text(encoding="utf-8")


@pytest.mark.parametrize("model", [bp_control, ckd_alert, diabetes_incident_cn, diabetes_screen])
def test_every_risk_model_is_shipped_with_the_page_of_its_own_file(model: ModuleType) -> None:
    folder = Path(str(model.__file__)).parent
    shipped = read(folder / CARD_FILE)
    text = companion(folder, shipped, REPORT_FILE).read_text(encoding="utf-8")
    assert shipped.digest in text
    assert len(text.encode()) < 300_000
    first = re.search(r'<ul class="glance"><li><b><span class="v">([\d.]+)', text)
    assert first
    assert float(first[1]) == pytest.approx(shipped.evaluations[-1]["metrics"]["auc"]["value"], abs=6e-4)  # 3 decimals


def test_the_json_has_the_contract_and_then_more(report: Report) -> None:
    plain = msgspec.json.decode(to_json(report))
    assert list(plain)[:10] == CONTRACT
    assert set(plain["metrics"]["auc"]) == {"value", "ci95"}
    again = msgspec.json.decode(to_json(msgspec.structs.replace(report, metrics={})), type=Report)
    assert again.curves == report.curves


def test_a_card_keeps_the_main_numbers_and_leaves_points_and_finer_ones_to_the_page(report: Report) -> None:
    plain = to_card(report)
    assert "curves" not in plain
    assert "lacking" not in plain
    kept = {"auc", "sensitivity_at_10_flagged", "sensitivity_at_20_flagged", "sensitivity_at_30_flagged", "o_e"}
    kept |= {"specificity_at_20_flagged", "ppv_at_20_flagged", "calibration_slope", "calibration_in_the_large"}
    kept |= {"brier_scaled", "ici", "net_benefit", "odd"}
    narrow = {"auc", "sensitivity_at_20_flagged", "calibration_slope", "o_e", "net_benefit"}
    assert set(plain["metrics"]) == kept | {f"{key}_tier_b" for key in narrow}
    assert set(plain["baselines"]["spline_logistic_tier_b"]) == narrow
    assert set(plain["baselines"]["ncdrs"]) == {"auc", "sensitivity_at_20_flagged"}
