"""The index of pairs: it says what the tables say, no more and no less, and refuses tables that are broken."""

import csv
import itertools
import shutil
from pathlib import Path

import pytest

from cdss.rules.alert import SEVERITIES
from cdss.rules.drugs.formulary import Formulary
from cdss.rules.interactions.index import FOLDER, InteractionIndex
from cdss.rules.terms.table import TableError


def rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def oracle(formulary: Formulary) -> dict[frozenset[str], set[str]]:
    """Every pair and the rules about it, by joining the tables the slow and obvious way."""
    members = {row["id"]: set(filter(None, row["members"].split("|"))) for row in rows("ansm_classes.csv")}

    def meant(side: str) -> set[str]:
        parts = side.split("|") if side else []
        return set().union(*(members[part[1:]] if part.startswith("@") else {part} for part in parts))

    for row in rows("supplement_classes.csv"):
        prefixes = tuple(row["atc"].split())
        coded = {i for i, e in formulary.entries.items() if any(c.startswith(prefixes) for c in e.ingredient.atc)}
        members[row["id"]] = meant(row["members"]) | (coded if prefixes else set())
    for row in rows("extensions.csv"):
        members[row["class"]] |= set(row["members"].split("|"))
    found: dict[frozenset[str], set[str]] = {}
    decided: set[tuple[str, frozenset[str]]] = set()
    for row in [*rows("ansm_rules.csv"), *rows("supplement.csv")]:
        stem = row["id"].rsplit("-", 1)[0] if row["id"].count("-") >= 2 and row["id"][-1].isdigit() else row["id"]
        for a, b in itertools.product(meant(row["a"]), meant(row["b"])):
            pair = frozenset((a, b))
            if len(pair) == 2 and (stem, pair) not in decided:
                if not row["when"]:
                    decided.add((stem, pair))
                if row["level"]:
                    found.setdefault(pair, set()).add(row["id"])
    return found


def test_the_index_is_the_join_of_the_tables_for_every_pair(formulary: Formulary, index: InteractionIndex) -> None:
    expected = oracle(formulary)
    got = {
        frozenset((a, b)): {part.id for i in found for part in (i.certain, *i.conditional)}
        for a, b in itertools.combinations(formulary.entries, 2)
        if (found := index.between(a, b))
    }
    assert got == expected
    assert len(index) == len(expected)


def test_the_order_of_the_two_does_not_matter(index: InteractionIndex) -> None:
    assert index.between("warfarin", "ibuprofen") == index.between("ibuprofen", "warfarin")
    assert index.between("warfarin", "ibuprofen")


def test_the_worst_comes_first(formulary: Formulary, index: InteractionIndex) -> None:
    for a, b in itertools.combinations(list(formulary.entries)[::7], 2):
        levels = [SEVERITIES.index(interaction.severity) for interaction in index.between(a, b)]
        assert levels == sorted(levels)


def test_a_substance_does_not_interact_with_itself(formulary: Formulary, index: InteractionIndex) -> None:
    assert all(index.between(id, id) == () for id in formulary.entries)


def test_the_two_pairs_named_by_the_specification(index: InteractionIndex) -> None:
    assert index.between("simvastatin", "clarithromycin")[0].severity == "contraindicated"
    assert index.between("warfarin", "ibuprofen")[0].severity == "avoid"


def test_beta_blocker_eye_drops_count_other_local_forms_do_not(index: InteractionIndex) -> None:
    assert any(i.applies_to(systemic=False) for i in index.between("timolol", "verapamil"))
    swallowed = index.between("diclofenac", "warfarin")
    assert swallowed
    assert not any(i.applies_to(systemic=False) for i in swallowed)
    assert all(i.applies_to(systemic=True) for i in swallowed)


def test_a_level_that_depends_on_the_dose_has_a_part_for_each(index: InteractionIndex) -> None:
    (rule,) = [i for i in index.between("aspirin", "warfarin") if i.rule == "interaction/ansm2020-0013"]
    assert (rule.severity, rule.worst) == ("consider", "contraindicated")
    assert [(part.severity, [one.name for one in part.when]) for part in rule.conditional] == [
        ("contraindicated", ["aspirin-anti-inflammatory"]),
        ("contraindicated", ["aspirin-analgesic", "ulcer"]),
        ("avoid", ["aspirin-analgesic"]),
        ("avoid", ["ulcer"]),
    ]


def test_sedatives_together_are_never_contraindicated_but_for_oxybate(index: InteractionIndex) -> None:
    sedatives = next(row for row in rows("ansm_classes.csv") if row["id"] == "sedatives")["members"].split("|")
    wrong = [
        (a, b)
        for a, b in itertools.combinations(sedatives, 2)
        for i in index.between(a, b)
        if i.rule.startswith("interaction/ansm2020-0438")
        and i.severity == "contraindicated"
        and "sodium oxybate" not in (a, b)
    ]
    assert wrong == []
    assert index.between("sodium oxybate", "morphine")[0].severity == "contraindicated"
    assert {i.severity for i in index.between("diazepam", "zopiclone")} == {"consider"}


def test_every_rule_is_sourced_and_says_what_happens_and_what_to_do_in_both_languages(
    formulary: Formulary, index: InteractionIndex
) -> None:
    about = {i.rule: i for a, b in itertools.combinations(formulary.entries, 2) for i in index.between(a, b)}
    assert len(about) > 1600
    for i in about.values():
        for part in (i.certain, *i.conditional):
            assert all((part.mechanism.zh, part.mechanism.en, part.advice.zh, part.advice.en)), part.id
            assert all(source.title and source.dated and source.grade for source in part.sources), part.id
            assert part.sources, part.id


def test_every_rule_has_an_id_of_its_own() -> None:
    ids = [row["id"] for name in ("ansm_rules.csv", "supplement.csv") for row in rows(name)]
    assert len(ids) == len(set(ids))


def test_our_own_rules_stand_on_a_label_a_guideline_or_a_regulator() -> None:
    for row in rows("supplement.csv"):
        assert row["grade"] in ("label", "guideline", "regulator"), row["id"]
        assert row["source"], row["id"]
        assert row["dated"][:4].isdigit(), row["id"]


def test_every_text_is_short() -> None:
    for table, longest in (("mechanisms.csv", 60), ("advices.csv", 60)):
        assert all(len(row["zh"]) <= longest for row in rows(table))


@pytest.mark.parametrize(
    ("file", "line", "says"),
    [
        ("supplement.csv", "interaction/x,warfarin,no such drug,avoid,qt,avoid,,S,2020,label", "found 'no such drug'"),
        ("supplement.csv", "interaction/x,warfarin,@no-class,avoid,qt,avoid,,S,2020,label", "found '@no-class'"),
        ("supplement.csv", "interaction/x,warfarin,aspirin,fatal,qt,avoid,,S,2020,label", "found level 'fatal'"),
        ("supplement.csv", "interaction/x,warfarin,aspirin,avoid,magic,avoid,,S,2020,label", "found code 'magic'"),
        ("supplement.csv", "interaction/x,warfarin,aspirin,avoid,qt,avoid,no-such,S,2020,label", "condition 'no-such'"),
        (
            "supplement.csv",
            "interaction/x,warfarin,aspirin,avoid,qt,avoid,ulcer,S,2020,label",
            "only conditional parts",
        ),
        ("supplement.csv", "interaction/x,warfarin,aspirin,,qt,avoid,ulcer,S,2020,label", "found level ''"),
        ("extensions.csv", "no-class,aspirin,S", "found class 'no-class'"),
        ("extensions.csv", "nsaids,no such drug,S", "no such drug"),
        ("supplement_classes.csv", "empty,空,empty,,,S", "without members"),
    ],
)
def test_a_broken_line_is_named_and_nothing_loads(
    tmp_path: Path, formulary: Formulary, file: str, line: str, says: str
) -> None:
    folder = tmp_path / "interactions"
    shutil.copytree(FOLDER, folder)
    with (folder / file).open("a", encoding="utf-8") as table:
        table.write(line + "\n")
    with pytest.raises(TableError, match=rf"{file}:\d+: .*{says}"):
        InteractionIndex.load(folder, formulary)


def test_how_bad_a_pair_can_be_is_known_without_asking(index: InteractionIndex) -> None:
    assert index.at_worst("aspirin", "warfarin") == "contraindicated"
    assert index.at_worst("warfarin", "metronidazole") == "precaution"
