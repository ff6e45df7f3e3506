"""What people take: many rows a person, codes for names, and what may not be counted."""

import csv
import lzma
from pathlib import Path

import pytest

from cdss.datasets import nhanes
from cdss.datasets.nhanes_map import CYCLES, drug_places

NAMES = {
    "d1": "LISINOPRIL",
    "d2": "HYDROCHLOROTHIAZIDE; LISINOPRIL",
    "d3": "AMLODIPINE; ATORVASTATIN",
    "d4": "METFORMIN",
    "d5": "TIMOLOL OPHTHALMIC",
    "d6": "ANTIHYPERTENSIVE AGENTS - UNSPECIFIED",
    "d7": "TAMSULOSIN",
}
Row = tuple[int, int | None, str]  # person, any in the last 30 days, code


def write(folder: Path, table: str, rows: list[dict[str, object]]) -> None:
    lines = [",".join(f'"{name}"' for name in rows[0])]
    lines += [
        ",".join("NA" if cell is None else f'"{cell}"' if isinstance(cell, str) else str(cell) for cell in row.values())
        for row in rows
    ]
    (folder / f"{table}.csv.xz").write_bytes(lzma.compress("\n".join(lines).encode("latin-1")))


def survey(root: Path, *taken: Row, counts: dict[int, int] | None = None, cycle: str = "2011-2012") -> Path:
    folder = root / "nhanes"
    folder.mkdir()
    where = {concept: variable for concept, (_, variable) in drug_places(cycle).items()}
    people = sorted({person for person, _, _ in taken})
    write(
        folder,
        "DEMO_" + {"2011-2012": "G", "2021-2023": "L"}[cycle],
        [{"SEQN": person, "RIDAGEYR": 50} for person in people],
    )
    rows = [
        {"SEQN": person, where["rx_any"]: some, where["rx_count"]: (counts or {}).get(person)}
        | ({where["rx_drug_id"]: code} if "rx_drug_id" in where else {})
        for person, some, code in taken
    ]
    write(folder, drug_places(cycle)["rx_any"][0], rows)
    write(folder, "RXQ_DRUG", [{"RXDDRGID": code, "RXDDRUG": name} for code, name in NAMES.items()])
    return root


def column(data: Path, name: str, cycle: str = "2011-2012") -> list[float | None]:
    return nhanes.read(data, cycle)[name].to_list()


@pytest.mark.parametrize(
    ("case", "codes", "expected"),
    [
        ("one", ["d1"], 1),
        ("two in one tablet", ["d2"], 2),
        ("the same twice is one", ["d1", "d2"], 2),
        ("three", ["d2", "d3"], 3),
        ("none of them", ["d4"], 0),
        ("eye drops lower no blood pressure", ["d5"], 0),
        ("nor does a drug for the prostate", ["d7"], 0),
        ("one is not named: nothing is known of the number", ["d1", "d6"], None),
        ("a code without a name", ["d1", "d99"], None),
        ("no code", ["d1", ""], None),
    ],
)
def test_antihypertensives_are_counted_by_substance(
    tmp_path: Path, case: str, codes: list[str], expected: float | None
) -> None:
    data = survey(tmp_path, *[(1, 1, code) for code in codes])
    assert column(data, "antihypertensives") == [expected], case


def test_who_takes_nothing_takes_none_and_who_was_not_asked_is_unknown(tmp_path: Path) -> None:
    data = survey(tmp_path, (1, 2, ""), (2, 9, ""), (3, None, ""))
    assert column(data, "antihypertensives") == [0, None, None]
    assert column(data, "medicines") == [0, None, None]
    assert column(data, "statin") == [0, None, None]


def test_a_statin_in_a_combination_is_a_statin(tmp_path: Path) -> None:
    assert column(survey(tmp_path, (1, 1, "d3"), (2, 1, "d1")), "statin") == [1, 0]


def test_medicines_are_counted_to_five_as_the_last_cycle_does(tmp_path: Path) -> None:
    data = survey(tmp_path, (1, 1, "d1"), (2, 1, "d1"), (3, 1, "d1"), counts={1: 4, 2: 5, 3: 17})
    assert column(data, "medicines") == [4, 5, 5]


def test_the_last_cycle_counts_medicines_and_names_none(tmp_path: Path) -> None:
    data = survey(tmp_path, (1, 1, ""), (2, 2, ""), (3, 1, ""), counts={1: 5, 3: 77}, cycle="2021-2023")
    assert column(data, "medicines", "2021-2023") == [5, 0, None]
    assert column(data, "antihypertensives", "2021-2023") == [None, 0, None]


def test_without_the_tables_nothing_is_known_and_it_is_said(tmp_path: Path) -> None:
    data = survey(tmp_path, (1, 1, "d1"))
    (data / "nhanes" / "RXQ_RX_G.csv.xz").unlink()
    assert column(data, "antihypertensives") == [None]
    assert "RXQ_RX_G" in nhanes.absent(data, "2011-2012")


def test_without_the_names_nobody_is_thought_to_take_none(tmp_path: Path) -> None:
    data = survey(tmp_path, (1, 1, "d1"), (2, 2, ""))
    (data / "nhanes" / "RXQ_DRUG.csv.xz").unlink()
    assert column(data, "antihypertensives") == [None, 0]


@pytest.mark.data
@pytest.mark.parametrize("cycle", CYCLES)
def test_our_places_are_those_of_the_map_that_comes_with_the_data(public_data: Path, cycle: str) -> None:
    with (public_data / "nhanes" / "VARIABLES.csv").open(encoding="utf-8") as file:
        theirs = {row["concept"]: row[cycle] for row in csv.DictReader(file)}
    ours = {concept: ".".join(place) for concept, place in drug_places(cycle).items()}
    assert ours == {concept: theirs[concept] for concept in ours}
