"""Whole residents, as a family doctor knows them: exactly what the rules should say of each (`residents.yaml`)."""

from pathlib import Path
from typing import Any

import pytest
from resident_rules import said, short

from cdss.rules.language.yaml_text import read
from cdss.rules.pack import Pack, load

TABLE: dict[str, Any] = read(Path(__file__).with_name("residents.yaml").read_text(encoding="utf-8"))
RESIDENTS: list[dict[str, Any]] = TABLE["residents"]
CELLS = ("kidney-g", "bp-grade-", "bp-isolated-")  # of tables: their own tests go through all of them


@pytest.fixture(scope="module")
def pack() -> Pack:
    return load()


def row(resident: dict[str, Any]) -> dict[str, Any]:
    whole = {**TABLE["bases"][resident["as"]], **resident.get("but", {})}
    return {name: value for name, value in whole.items() if name not in resident.get("without", ())}


@pytest.mark.parametrize("resident", RESIDENTS, ids=[resident["name"] for resident in RESIDENTS])
def test_a_resident(pack: Pack, resident: dict[str, Any]) -> None:
    assert said(pack, row(resident)) == set(resident["expect"])


def test_every_rule_about_residents_speaks_of_one_of_them(pack: Pack) -> None:
    spoken = {one.partition("#")[0] for resident in RESIDENTS for one in resident["expect"]}
    asked = {short(rule.rule.id) for rule in pack.by_event["resident"]}
    assert {name for name in asked - spoken if not name.startswith(CELLS)} == set()
    assert spoken <= asked


def test_what_is_in_order_is_left_alone() -> None:
    """Most residents of a doctor are these: one word too many for each is 2,000 too many."""
    calm = [resident["name"] for resident in RESIDENTS if not resident["expect"]]
    assert {"healthy and seen today", "controlled and complete", "diabetes controlled and complete"} <= set(calm)


def test_rules_about_residents_read_only_what_a_table_of_residents_can_tell(pack: Pack) -> None:
    kinds = {fact.kind() for rule in pack.by_event["resident"] for fact in rule.rule.facts.values()}
    assert kinds == {"loinc", "given", "patient", "setting"}
