"""The committed tables are what the compile step makes of the edition, and the edition is taken as it is."""

import csv
import gzip
import itertools
import os
from pathlib import Path

import pytest

from cdss.datasets.ansm import LEVELS, Thesaurus, read
from cdss.datasets.ansm_codes import ADVICES, BASE_ADVICE, MECHANISMS, UNSPECIFIED, mechanism
from cdss.datasets.ansm_splits import LEFT_OUT, SPLITS
from cdss.datasets.compile_ansm import KNOWLEDGE, NotMapped, compiled
from cdss.rules.drugs.formulary import Formulary
from cdss.rules.interactions.conditions import Conditions

INGREDIENTS = KNOWLEDGE / "drugs" / "ingredients.csv"
DATA = os.environ.get("CDSS_DATA")

STATED: dict[str, set[str]] = {  # levels that a rule's words give without printing them as one
    "ansm2020-0011": {"consider"},  # only doses for pain are named, here and in the next two
    "ansm2020-0016": {"consider"},
    "ansm2020-0020": {"consider"},
    "ansm2020-0184": {"consider"},  # preventive doses, rule 0185
    "ansm2020-0318": {"precaution", "consider"},  # fesoterodine and solifenacin; oxybutynin
}
LOWERED = {  # by us, and said so in the README: guidelines combine these on purpose
    "ansm2020-0170", "ansm2020-0400", "ansm2020-0862", "ansm2020-0867", "ansm2020-1094", "ansm2020-1183",
    "ansm2020-1266",
}  # fmt: skip
ANY_LEVEL = {"ansm2020-0206", "ansm2020-1557"}  # the substances not named apart

pytestmark = [pytest.mark.data, pytest.mark.skipif(not DATA, reason="CDSS_DATA is unset")]


@pytest.fixture(scope="module")
def thesaurus() -> Thesaurus:
    return read(Path(DATA or ""))


@pytest.fixture(scope="module")
def rules() -> list[dict[str, str]]:
    with (KNOWLEDGE / "interactions" / "ansm_rules.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_compiling_again_gives_the_committed_tables(thesaurus: Thesaurus) -> None:
    for name, text in compiled(thesaurus, INGREDIENTS).items():
        assert (KNOWLEDGE / "interactions" / name).read_text(encoding="utf-8") == text, name


def test_every_rule_of_the_edition_is_taken_over_or_left_out_for_a_reason(
    thesaurus: Thesaurus, rules: list[dict[str, str]]
) -> None:
    taken = {row["id"].removeprefix("interaction/") for row in rules}
    assert len(thesaurus.rules) == 1584
    assert {rule.id for rule in thesaurus.rules} - taken == set(LEFT_OUT)
    assert all(LEFT_OUT.values())


def test_a_rule_with_several_levels_is_split_and_never_worse_than_its_lowest_unless_told_more(
    thesaurus: Thesaurus, rules: list[dict[str, str]]
) -> None:
    edition = {rule.id: rule for rule in thesaurus.rules}
    assert {id for id, rule in edition.items() if len(rule.levels) > 1} - SPLITS.keys() <= LEFT_OUT.keys()
    for row in rules:
        id = row["id"].removeprefix("interaction/")
        if id in edition and row["level"] and id not in ANY_LEVEL:
            lowest = max((level for level, _ in edition[id].levels), key=LEVELS.index)
            assert not row["when"], id
            assert LEVELS.index(row["level"]) >= LEVELS.index(lowest), id  # type: ignore[arg-type]


def test_a_split_has_only_levels_that_the_rule_has(thesaurus: Thesaurus) -> None:
    edition = {rule.id: {level for level, _ in rule.levels} for rule in thesaurus.rules}
    for id, splits in SPLITS.items():
        stated = {"consider"} if id in LOWERED else STATED.get(id, set())
        assert {split.level for split in splits} - {None} <= edition[id] | stated, id


def test_every_condition_is_used_and_every_one_used_is_there(rules: list[dict[str, str]]) -> None:
    known = Conditions.load(KNOWLEDGE / "interactions" / "conditions.yaml").by_name.keys()
    with (KNOWLEDGE / "interactions" / "supplement.csv").open(encoding="utf-8", newline="") as file:
        used = {name for row in (*rules, *csv.DictReader(file)) for name in row["when"].split()}
    assert used == known


def test_a_class_name_broken_over_two_lines_is_one_class(thesaurus: Thesaurus) -> None:
    betablockers = thesaurus.classes["beta-bloquants (sauf esmolol) (y compris collyres)"]
    assert {"metoprolol", "propranolol", "timolol"} <= set(betablockers)


def test_mechanisms_are_mostly_understood(thesaurus: Thesaurus) -> None:
    other = [rule.id for rule in thesaurus.rules if mechanism(rule.mechanism) == "other"]
    assert len(other) / len(thesaurus.rules) < 0.02


def test_every_code_has_its_texts() -> None:
    for table, codes in (
        ("mechanisms.csv", {code for code, _ in MECHANISMS}),
        ("advices.csv", {code for code, _ in ADVICES} | set(BASE_ADVICE.values()) - {""} | {UNSPECIFIED}),
    ):
        with (KNOWLEDGE / "interactions" / table).open(encoding="utf-8", newline="") as file:
            assert codes <= {row["code"] for row in csv.DictReader(file)}


def test_no_french_sentence_came_along(thesaurus: Thesaurus) -> None:
    sentences = {rule.mechanism for rule in thesaurus.rules if len(rule.mechanism) > 30}
    for path in (KNOWLEDGE / "interactions").glob("*.csv"):
        text = path.read_text(encoding="utf-8")
        assert not [sentence for sentence in sentences if sentence in text], path


def test_a_substance_we_do_not_have_is_named(thesaurus: Thesaurus, tmp_path: Path) -> None:
    fewer = tmp_path / "ingredients.csv"
    lines = INGREDIENTS.read_text(encoding="utf-8").splitlines(keepends=True)
    fewer.write_text("".join(line for line in lines if not line.startswith("colchicine,")), encoding="utf-8")
    with pytest.raises(NotMapped, match="colchicine"):
        compiled(thesaurus, fewer)


def test_the_official_product_names_are_understood() -> None:
    """Western products of the insurance list: at least nine in ten by name, few against the class in their code."""
    formulary = Formulary.load()
    with gzip.open(Path(DATA or "") / "drugs" / "nhsa" / "drug_codes_official.csv.gz", "rt", encoding="utf-8") as file:
        rows = {(row["generic_zh"], row["nhsa_code"][:6]) for row in csv.DictReader(file)}
    western = sorted((name, code) for name, code in rows if code.startswith("X"))
    drugs = [formulary.resolve(name=name, nhsa=code) for name, code in western]
    assert sum(bool(drug.ingredients) for drug in drugs) / len(drugs) > 0.9
    assert sum(bool(drug.conflicts) for drug in drugs) / len(drugs) < 0.03


def test_the_chinese_names_of_the_seed_are_all_in() -> None:
    formulary = Formulary.load()
    with (Path(DATA or "") / "drugs" / "zh" / "inn_zh_seed.csv").open(encoding="utf-8", newline="") as file:
        names = [row["name_zh"] for row in csv.DictReader(file) if len(row["name_zh"]) > 1]
    unknown = [name for name in itertools.chain(names) if not formulary.resolve(name=name).ingredients]
    assert unknown == []
