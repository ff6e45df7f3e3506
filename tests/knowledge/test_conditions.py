"""The table of conditions: every line is whole, and means what it says."""

import csv

import pytest

from cdss.rules import KNOWLEDGE
from cdss.rules.facts import Coded
from cdss.rules.terms.codes import Icd10
from cdss.rules.terms.diagnoses import by_name_only, every_in_icd10, in_icd10

with (KNOWLEDGE / "conditions" / "snomed.csv").open(encoding="utf-8", newline="") as file:
    ROWS = list(csv.DictReader(file))
with (KNOWLEDGE / "conditions" / "names.csv").open(encoding="utf-8", newline="") as file:
    NAMED = list(csv.DictReader(file))


def test_no_name_stands_twice_and_every_code_is_one() -> None:
    names = [name for row in NAMED for column in ("names_zh", "names_en") for name in row[column].split("|")]
    assert len(set(names)) == len(names)
    assert all(Icd10(row["icd10"]) and all(row.values()) for row in NAMED)


@pytest.mark.parametrize("row", ROWS, ids=[row["en"] for row in ROWS])
def test_a_name_that_stands_beside_a_concept_too_means_the_same_category(row: dict[str, str]) -> None:
    named = in_icd10(Coded("", "", row["zh"])).code
    assert not named or named[:3] == row["icd10"][:3]


def test_no_concept_stands_twice() -> None:
    assert len({row["snomed"] for row in ROWS}) == len(ROWS)


@pytest.mark.parametrize("row", ROWS, ids=[row["en"] for row in ROWS])
def test_every_line_is_whole(row: dict[str, str]) -> None:
    assert row["snomed"].isdigit()
    assert Icd10(row["icd10"])
    assert all(row.values())


def verhoeff_holds(number: str) -> bool:
    """SNOMED CT identifiers end in a check digit (Verhoeff's, by the dihedral group of ten)."""
    times = [[(a + b) % 5 if a < 5 and b < 5 else
              (a + b - 5) % 5 + 5 if a < 5 else
              (a - 5 - b) % 5 + 5 if b < 5 else
              (a - b) % 5 for b in range(10)] for a in range(10)]  # fmt: skip
    turned = list(range(10))
    shuffle = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)
    check = 0
    for digit in reversed(number):
        check = times[check][turned[int(digit)]]
        turned = [turned[shuffle[one]] for one in range(10)]
    return check == 0


@pytest.mark.parametrize("row", ROWS, ids=[row["en"] for row in ROWS])
def test_every_concept_id_has_its_check_digit(row: dict[str, str]) -> None:
    assert verhoeff_holds(row["snomed"])
    assert not verhoeff_holds(row["snomed"][:-1] + str((int(row["snomed"][-1]) + 1) % 10))


@pytest.mark.parametrize(
    ("told", "known", "name_only"),
    [
        (Coded("SNOMED", "38341003", "Hypertension"), "I10", False),
        (Coded("SNOMED", "1", "?"), "1", True),
        (Coded("ICD-10", "E11.9", ""), "E11.9", False),
        (Coded("urn:local", "I10", "?"), "I10", True),
        (Coded("ICD-10", "", "高血压"), "I10", False),
        (Coded("urn:local", "77", "支气管哮喘"), "J45", False),
        (Coded("", "", "Heart Failure"), "I50", False),
        (Coded("", "", "高血压病3级（很高危）"), "I10", False),  # a Chinese name may go on
        (Coded("", "", "高血压病史10年"), "I10", False),
        (Coded("", "", "妊娠期糖尿病"), "O24", False),  # the longest name counts
        (Coded("", "", "糖尿病家族史"), "", True),
        (Coded("", "", "妊娠可能"), "", True),
        (Coded("", "", "肺炎待排"), "", True),
        (Coded("", "", "heart failure of the engine"), "", True),
    ],
)
def test_what_is_known_by_icd10(told: Coded, known: str, name_only: bool) -> None:
    assert (in_icd10(told).code, by_name_only(in_icd10(told))) == (known, name_only)


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("高血压、哮喘", ["I10", "J45"]),
        ("高血压病3级（极高危） 支气管哮喘", ["I10", "J45"]),
        ("2型糖尿病 慢性肾脏病5期", ["E11", "N18.5"]),
        ("高血压合并2型糖尿病", ["I10", "E11"]),
        ("急性支气管哮喘发作", ["J45"]),
        ("heart failure and asthma", ["I50", "J45"]),
        ("高血压 某怪病", ["I10", ""]),  # what nobody knows stays visible
        ("高血压、糖尿病家族史", ["I10", ""]),
        ("高血压药物过敏", [""]),
        ("妊娠试验", [""]),
        ("哮喘样支气管炎", [""]),
    ],
)
def test_one_text_may_name_several_conditions(text: str, codes: list[str]) -> None:
    assert [one.code for one in every_in_icd10(Coded("", "", text))] == codes
