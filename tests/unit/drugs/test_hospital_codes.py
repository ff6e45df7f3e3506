"""Official lists of medicines and frequencies become the hospital's own table; what is left over is listed."""

import csv
import gzip
import json
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from cdss.datasets.nhsa import FileFault, Product, frequencies, products
from cdss.evaluation.hospital_codes import hospital_codes
from cdss.rules.drugs.formulary import Formulary
from cdss.rules.facts import Quantity

APP = typer.Typer()
APP.command()(hospital_codes)
OFFICIAL = """药品代码,注册名称,注册规格,药品企业
XA10BAE047A001010178401,盐酸二甲双胍片,0.5g*24片,某厂
XC09DBX044A001010178401,缬沙坦氨氯地平片(Ⅰ),80mg:5mg,某厂
XL01XXX999A001010178401,未知替尼胶囊,50mg,某厂
ZA04CAE0023010100166,某某清肺口服液,10ml,某厂
"""


def write(folder: Path, text: str, encoding: str = "utf-8", name: str = "official.csv") -> Path:
    path = folder / name
    raw = text.encode(encoding)
    path.write_bytes(gzip.compress(raw) if name.endswith(".gz") else raw)
    return path


def run(folder: Path, file: Path) -> dict[str, Any]:
    out, unmapped = str(folder / "hospital.csv"), str(folder / "left.csv")
    answer = CliRunner().invoke(APP, [str(file), "--out", out, "--unmapped", unmapped, "--json"])
    assert answer.exit_code == 0, answer.output
    found: dict[str, Any] = json.loads(answer.stdout)
    return found


def test_an_official_file_becomes_the_table_and_the_rest_is_listed(tmp_path: Path) -> None:
    found = run(tmp_path, write(tmp_path, OFFICIAL))
    assert (found["mapped"], found["class_only"], found["unmapped"], found["unmapped_names"]) == (2, 1, 1, 1)
    left = csv.DictReader((tmp_path / "left.csv").read_text(encoding="utf-8").splitlines())
    assert [(row["name"], row["why"]) for row in left] == [
        ("未知替尼胶囊 50mg", "class only"),
        ("某某清肺口服液 10ml", "unmapped"),
    ]


def test_the_table_answers_for_a_code_alone_with_form_and_strength(tmp_path: Path) -> None:
    run(tmp_path, write(tmp_path, OFFICIAL))
    formulary = Formulary.load(hospital_codes=tmp_path / "hospital.csv")
    drug = formulary.resolve(nhsa="XA10BAE047A001010178401")
    assert [ingredient.id for ingredient in drug.ingredients] == ["metformin"]
    assert [(one.amount, one.piece) for one in drug.strength] == [(Quantity(0.5, "g"), "solid")]
    both = formulary.resolve(nhsa="XC09DBX044A001010178401")
    assert [one.ingredient for one in both.strength] == ["valsartan", "amlodipine"]


@pytest.mark.parametrize(("encoding", "name"), [("gb18030", "a.csv"), ("utf-8-sig", "a.csv"), ("utf-8", "a.csv.gz")])
def test_as_it_was_saved(tmp_path: Path, encoding: str, name: str) -> None:
    first = next(products(write(tmp_path, OFFICIAL, encoding, name)))
    assert first == Product("XA10BAE047A001010178401", "盐酸二甲双胍片 0.5g*24片")


def test_a_product_in_several_lines_is_one(tmp_path: Path) -> None:
    path = write(tmp_path, "generic_zh,nhsa_code,rule_type\n阿司匹林片,X1,a\n阿司匹林片,X1,b\n阿司匹林片,X2,a\n")
    assert list(products(path)) == [Product("X1", "阿司匹林片"), Product("X2", "阿司匹林片")]


def test_words_of_frequencies_read_otherwise_are_said(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "code,name_zh,alias,days,times\nbid,每日两次,每天两次,1,2\nxyz,每日三次,逢五逢十,1,2\nprn,必要时,,1,1\n",
    )
    assert run(tmp_path, path) == {
        "frequencies": 3,
        "misread": [
            {"word": "xyz", "times_a_day": 2.0, "read_as": None},
            {"word": "每日三次", "times_a_day": 2.0, "read_as": 3.0},
            {"word": "逢五逢十", "times_a_day": 2.0, "read_as": None},
        ],
    }


FAULTS = [
    ("a,b\n1,2\n", "found columns ['a', 'b'], expected as well name: generic_zh"),
    ("", "found columns [], expected as well name"),
]


@pytest.mark.parametrize(("text", "says"), FAULTS)
def test_a_file_of_something_else_is_refused(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(FileFault) as fault:
        list(products(write(tmp_path, text)))
    assert says in str(fault.value)


def test_a_workbook_is_refused_with_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"PK\x03\x04\xff\xff\xff\x80\x00")
    with pytest.raises(FileFault, match="save a workbook as CSV first"):
        list(products(path))


def test_days_that_are_no_number_are_refused(tmp_path: Path) -> None:
    path = write(tmp_path, "code,name_zh,days,times\nqd,每日一次,0,1\n")
    with pytest.raises(FileFault, match="found 1 times in 0 days, expected numbers"):
        list(frequencies(path))
