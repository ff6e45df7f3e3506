"""`cdss rules search`: everything about a drug, whichever name, product or code it is asked by."""

import json
from typing import Any

import pytest
from typer.testing import CliRunner

from cdss.rules.pack import Pack, load
from cdss.serving.platform.cli import app
from cdss.serving.platform.commands.rules_search import everything_about


@pytest.fixture(scope="module")
def pack() -> Pack:
    return load()


def column(rows: list[dict[str, Any]], name: str) -> list[Any]:
    return [row[name] for row in rows]


@pytest.mark.parametrize("text", ["二甲双胍", "metformin", "A10BA02", "盐酸二甲双胍片 0.5g*24片", "格华止"])
def test_a_drug_by_any_of_its_names(pack: Pack, text: str) -> None:
    found = everything_about(pack, text)
    assert column(found["drugs"], "id") == ["metformin"]
    assert "格华止" in found["drugs"][0]["other_names"]
    assert column(found["classes"], "atc") == ["A10BA"]
    assert {"sitagliptin + metformin"} <= set(column(found["products"], "ingredients"))
    rules = {row["id"]: row for row in found["rules"]}
    assert (rules["renal/metformin"]["about"], rules["renal/metformin"]["worst"]) == ("ordered", "contraindicated")
    assert found["interactions"]
    assert "of" not in found["interactions"][0]


def test_a_product_means_all_its_ingredients(pack: Pack) -> None:
    found = everything_about(pack, "维C银翘片")
    assert column(found["drugs"], "id") == ["paracetamol", "chlorphenamine", "ascorbic acid"]
    (one,) = [row for row in found["products"] if "维c银翘片" in row["names"].split(", ")]
    assert one["contents"] == "paracetamol 105 mg/solid + chlorphenamine 1.05 mg/solid + ascorbic acid 49.5 mg/solid"
    assert {"对乙酰氨基酚 paracetamol"} <= set(column(found["interactions"], "of"))


def test_rules_that_ask_whether_it_is_taken_are_about_it_too(pack: Pack) -> None:
    assert {"ordered", "taken"} <= set(column(everything_about(pack, "克拉霉素")["rules"], "about"))


def test_part_of_a_name_lists_all_that_hold_it(pack: Pack) -> None:
    assert {"amlodipine", "levamlodipine"} <= set(column(everything_about(pack, "氨氯地")["drugs"], "id"))


def test_words_of_a_title(pack: Pack) -> None:
    found = everything_about(pack, "酮症酸中毒")
    assert found["drugs"] == []
    assert "contraindication/metformin-acidosis" in column(found["rules"], "id")


def test_nothing_is_found_for_nothing(pack: Pack) -> None:
    found = everything_about(pack, "没有这种药名")
    assert not any(found.values())


def test_interactions_worst_first_in_json_and_on_screen() -> None:
    answer = CliRunner().invoke(app, ["rules", "search", "simvastatin", "--json"])
    severities = column(json.loads(answer.stdout)["interactions"], "severity")
    order = ["contraindicated", "avoid", "precaution", "consider", "info"]
    assert severities == sorted(severities, key=order.index)
    assert "辛伐他汀" in CliRunner().invoke(app, ["rules", "search", "simvastatin"]).stdout
