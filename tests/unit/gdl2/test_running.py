"""openEHR GDL2 guidelines made here, run on what is told of a patient."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cdss.rules.gdl2.guideline import GuidelineFault, read
from cdss.rules.gdl2.run import Outcome, run
from cdss.rules.gdl2.values import read as value
from cdss.rules.gdl2.values import written
from cdss.serving.platform.cli import app

MODEL = "openEHR-EHR-OBSERVATION.sample.v1"
NOW = datetime(2026, 11, 25)  # noqa: DTZ001


def guideline(*rules: tuple[list[str], list[str]], **more: Any) -> str:
    """gt0001 to gt0004 are read, gt0011 to gt0013 are set; rules in order, the first with the highest priority."""

    def binding(kind: str, codes: range, path: str = "/items[at{}]") -> dict[str, Any]:
        elements = {f"gt{n:04}": {"id": f"gt{n:04}", "path": path.format(n)} for n in codes}
        return {"model_id": MODEL, "type": kind, "elements": elements}

    numbered = {
        f"gt{100 + n:04}": {"id": f"gt{100 + n:04}", "priority": len(rules) - n, "when": when, "then": then}
        for n, (when, then) in enumerate(rules)
    }
    bindings = {"gt0050": binding("INPUT", range(1, 5)), "gt0051": binding("OUTPUT", range(11, 14))}
    definition = {"data_bindings": bindings, "rules": numbered, **more}
    return json.dumps({"id": "Sample.v1", "definition": definition})


def outcome(text: str, **told: str) -> Outcome:
    return run(read(text), {code: [known] for code, text in told.items() if (known := value(text)) is not None}, NOW)


def outputs(text: str, **told: str) -> dict[str, str | None]:
    return {code: written(found) for code, found in outcome(text, **told).outputs.items()}


FORMULA = "$gt0011.magnitude=$gt0001.magnitude/($gt0002.magnitude/100)^2"
BMI = guideline((["$gt0001|Weight|!=null", "$gt0002!=null"], ["$gt0011.precision=1", "$gt0011.unit='kg/m2'", FORMULA]))


def test_a_quantity_has_the_unit_and_precision_told_before_it() -> None:
    assert outputs(BMI, gt0001="80,kg", gt0002="180,cm") == {"gt0011": "24.7,kg/m2"}


def test_what_was_not_told_decides_nothing_and_is_named() -> None:
    found = outcome(guideline((["$gt0001>=18,a"], ["$gt0011=1"])))
    assert (found.outputs, found.fired, found.undecided) == ({}, (), ("gt0100",))


@pytest.mark.parametrize(
    ("expression", "result"),
    [
        ("1+2*3", "7"), ("(1+2)*3", "9"), ("2^3", "8"), ("-$gt0001.magnitude", "-5"), ("round(2.5)", "3"),
        ("max($gt0001.magnitude, 7)", "7"), ("log10(1000)", "3"), ("10/4", "2.5"),
    ],
)  # fmt: skip
def test_arithmetic(expression: str, result: str) -> None:
    text = guideline(([], ["$gt0011.precision=2", f"$gt0011.magnitude={expression}"]))
    assert float(str(outputs(text, gt0001="5,kg")["gt0011"]).rstrip(",")) == float(result)


@pytest.mark.parametrize(
    ("condition", "told", "fires"),
    [
        ("$gt0001>=65,a", "65,a", True),
        ("$gt0001>=65,a", "64,a", False),
        ("$gt0001<1,a", "11,mo", True),
        ("$gt0001==local::at0005|Male|", "local::at0005|man|", True),
        ("$gt0001!=local::at0005|Male|", "local::at0006|Female|", True),
        ("$gt0001.value>=2", "2|local::at0003|Severe|", True),
        ("$gt0001>=($currentDateTime-1,a)", "2026-03-01T00:00:00Z", True),
        ("$gt0001>=($currentDateTime-1,a)", "2025-03-01T00:00:00Z", False),
        ("$gt0001.unit=='umol/l'", "80,µmol/l", True),
        ("!($gt0001==true)", "false", True),
        ("($gt0001>5,kg)||($gt0002>5,kg)", "6,kg", True),
        ("$gt0011!=local::at0003|Definite|", "1,kg", True),  # what the guideline has not set is different from all
    ],
)
def test_conditions(condition: str, told: str, fires: bool) -> None:
    assert bool(outcome(guideline(([condition], ["$gt0012=1"])), gt0001=told).fired) is fires


def test_rules_fire_by_priority_and_know_what_fired_before() -> None:
    text = guideline(
        (["$gt0001>1,kg"], ["$gt0011=1"]), (["fired($gt0100)"], ["$gt0012=2"]), (["!fired($gt0100)"], ["$gt0013=3"])
    )
    assert outputs(text, gt0001="2,kg") == {"gt0011": "1", "gt0012": "2"}
    assert outputs(text, gt0001="1,kg") == {"gt0013": "3"}


def test_an_output_where_an_input_lies_is_the_same_data() -> None:
    text = json.loads(guideline())
    text["definition"]["data_bindings"]["gt0051"]["elements"]["gt0011"]["path"] = "/items[at1]"
    assert outputs(json.dumps(text), gt0001="80,kg") == {"gt0011": "80,kg"}


def test_preconditions_that_do_not_hold_ask_no_rule() -> None:
    text = guideline(([], ["$gt0011=1"]), pre_conditions=["$gt0001>=18,a"])
    assert outcome(text, gt0001="17,a").fired == ()
    assert outputs(text, gt0001="18,a") == {"gt0011": "1"}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "not JSON"),
        ("{}", "not a GDL2 guideline"),
        (guideline((["$gt0001 >"], [])), "expected a value"),
        (guideline((["__import__('os')"], [])), "expected a value or one of"),
        (guideline((["(" * 100 + "true" + ")" * 100], [])), "nested deeper than 60"),
        (guideline((["any($gt0001)"], [])), "`any` is not run"),
        (guideline((["$gt0001==" + "1+" * 20_000 + "1"], [])), "expected at most 20000"),
        ("[" * 100_000, "nested deeper"),
        ('{"id": "' + "x" * (2 * 1024 * 1024) + '"}', "expected at most 2097152"),
    ],
)
def test_what_cannot_be_run_is_refused_with_its_place(text: str, says: str) -> None:
    with pytest.raises(GuidelineFault) as refused:
        read(text)
    assert says in str(refused.value)


CASES = """\
guidelines:
  1: Sample.v1
test_cases:
- id: right
  input: {1: {gt0001|Weight: "80,kg", gt0002: "180,cm"}}
  expected_output: {1: {gt0011|BMI: "24.7,kg/m2"}}
- id: wrong
  input: {1: {gt0001|Weight: "80,kg", gt0002: "180,cm"}}
  expected_output: {1: {gt0011|BMI: "25.0,kg/m2"}}
"""


def imported(path: Path) -> Any:
    return CliRunner().invoke(app, ["rules", "import-gdl2", str(path), "--json"])


def test_the_command_says_what_agrees_and_what_does_not(tmp_path: Path) -> None:
    (tmp_path / "Sample.v1.gdl2.json").write_text(BMI, encoding="utf-8")
    (tmp_path / "Sample.v1.test.yml").write_text(CASES, encoding="utf-8")
    (tmp_path / "bad.gdl2").write_text("nonsense", encoding="utf-8")
    found = json.loads(imported(tmp_path).stdout)
    assert (found["guidelines"], found["cases"], found["agree"]) == (1, 2, 1)
    (differs,) = found["disagree"]
    assert (differs["case"], differs["found"]) == ("wrong", {"gt0011": "24.7,kg/m2"})
    assert [one["file"] for one in found["unsupported"]] == ["bad.gdl2"]


def test_a_path_without_guidelines_is_a_usage_error(tmp_path: Path) -> None:
    answer = imported(tmp_path / "nowhere")
    assert answer.exit_code == 2
    assert "expected a .gdl2 or .gdl2.json file, a folder or a .tar.gz" in " ".join(answer.stderr.split())


@pytest.mark.parametrize(("files", "found"), [((), 0), (("notes.txt",), 0), (("Sample.v1.test.yml",), 1)])
def test_a_folder_without_guidelines_is_a_usage_error(tmp_path: Path, files: tuple[str, ...], found: int) -> None:
    for name in files:
        (tmp_path / name).write_text(CASES, encoding="utf-8")
    answer = imported(tmp_path)
    said = " ".join(answer.stderr.replace("│", " ").split())
    assert answer.exit_code == 2
    assert f"found no guideline and {found} files of test cases in" in said
    assert "expected .gdl2 or .gdl2.json files" in said
