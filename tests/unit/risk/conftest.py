"""What the tests of risk models share: raw survey tables made by hand, and a small model in a folder."""

import lzma
import os
import struct
from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
import pytest
import yaml

from cdss.datasets.nhanes_map import places
from cdss.evaluation.spline import Curve, SplineLogistic
from cdss.evaluation.tables import Tables, Term
from cdss.models import diabetes_screen
from cdss.models.artifact import digest
from cdss.training.risk.graph import export

Answers = dict[str, list[float | None]]


@pytest.fixture(scope="session")
def public_data() -> Path:
    """$CDSS_DATA; the test is skipped, and says so, where it is not set."""
    if not os.environ.get("CDSS_DATA"):
        pytest.skip("needs the public data sets: set CDSS_DATA")
    return Path(os.environ["CDSS_DATA"])


@pytest.fixture
def survey(tmp_path: Path) -> Callable[[str, Answers], Path]:
    """Writes the raw tables of a cycle from answers by concept; returns the data folder."""

    def write(cycle: str, answers: Answers) -> Path:
        folder = tmp_path / "nhanes"
        folder.mkdir(exist_ok=True)
        count = len(next(iter(answers.values())))
        where = places(cycle)
        demographics = where["age"][0]
        tables: dict[str, Answers] = {demographics: {"SEQN": [float(i + 1) for i in range(count)]}}
        for concept, values in answers.items():
            table, variable = where[concept]
            tables.setdefault(table, {"SEQN": tables[demographics]["SEQN"]})[variable] = values
        for table, columns in tables.items():
            rows = [",".join(f'"{name}"' for name in columns)]
            rows += [
                ",".join("NA" if cell is None else f"{cell:g}" for cell in row)
                for row in zip(*columns.values(), strict=True)
            ]
            (folder / f"{table}.csv.xz").write_bytes(lzma.compress("\n".join(rows).encode("latin-1")))
        return tmp_path

    return write


@pytest.fixture(scope="session")
def small_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder like the shipped model's with two terms that matter: age from 50 and random glucose from 7."""
    folder = tmp_path_factory.mktemp("small_model")
    age = Term(np.array([49.5], np.float32), np.array([-1.0, 1.0]), 0.25)
    glucose = Term(np.array([6.95], np.float32), np.array([-0.5, 2.0]), 0.125)
    flat = Term(np.zeros(0, np.float32), np.array([0.0]), 0.0)
    tiers = {}
    for tier in diabetes_screen.TIERS:
        terms = dict.fromkeys(tier.terms, flat) | {"age": age}
        tiers[tier.name] = Tables(-3.0, terms | {"glucose_random_mmol": glucose} if tier.name == "c" else terms)
    inputs = [name for name in diabetes_screen.FEATURES if name not in ("weight_kg", "diabetes", "pregnant")]
    graph = export(tiers, inputs, diabetes_screen.TIERS[0].terms)
    (folder / "model.onnx").write_bytes(graph.SerializeToString())
    straight = SplineLogistic(-5.0, [Curve("age", 50.0, False, [], [0.05])])
    names = [f"spline_{tier.name}" for tier in diabetes_screen.TIERS] + ["age_bmi"]
    (folder / "baselines.json").write_bytes(msgspec.json.encode(dict.fromkeys(names, straight)))
    shipped = Path(diabetes_screen.__file__).parents[2] / "training" / "cards" / "diabetes_screen.yaml"
    words = yaml.safe_load(shipped.read_text(encoding="utf-8"))
    facts = {
        "name": "diabetes_screen", "date": "2026-11-21", "artifact": "model.onnx",
        "digest": digest(folder / "model.onnx"), "data": [], "thresholds": [], "evaluations": [],
        "companions": {"baselines.json": digest(folder / "baselines.json")},
    }  # fmt: skip
    (folder / "MODEL_CARD.yaml").write_bytes(msgspec.yaml.encode(words | facts))
    return folder


HEADER = "HEADER RECORD*******{:<8}HEADER RECORD!!!!!!!{}"


def record(text: str) -> bytes:
    return text.ljust(80).encode("ascii")


def ibm(value: float | None, code: str = ".") -> bytes:
    """A number as eight bytes of IBM/360 floating point; None as a SAS missing code."""
    if value is None:
        return code.encode() + bytes(7)
    if value == 0:
        return bytes(8)
    sign, power, size = (0x80, 0, -value) if value < 0 else (0, 0, value)
    while size >= 1:
        size, power = size / 16, power + 1
    while size < 1 / 16:
        size, power = size * 16, power - 1
    return bytes([sign | (64 + power)]) + int(size * 2**56).to_bytes(7, "big")


def _transport(columns: dict[str, list[float | None] | list[str]]) -> bytes:
    """A version 5 file with one member."""
    described, rows, start = b"", [b""] * len(next(iter(columns.values()))), 0
    for number, (name, values) in enumerate(columns.items()):
        numeric = not isinstance(values[0], str)
        length = 8 if numeric else 4
        front = struct.pack(">hhhh", 1 if numeric else 2, 0, length, number + 1)
        names = name.ljust(8).encode() + b" " * 40 + b" " * 8 + bytes(8) + b" " * 8 + bytes(4)
        described += (front + names + struct.pack(">l", start)).ljust(140, b"\0")
        cells = [ibm(value) if numeric else str(value).ljust(4).encode() for value in values]  # type: ignore[arg-type]
        rows = [row + cell for row, cell in zip(rows, cells, strict=True)]
        start += length
    head = (
        record(HEADER.format("LIBRARY", "0" * 30)) + record("SAS     SAS     SASLIB  9.4") + record("01JAN20:00:00:00")
    )
    head += record(HEADER.format("MEMBER", "0" * 17 + "1600000000" + "140"))
    head += (
        record(HEADER.format("DSCRPTR", "0" * 30)) + record("SAS     TABLE   SASDATA 9.4") + record("01JAN20:00:00:00")
    )
    head += record(HEADER.format("NAMESTR", f"000000{len(columns):04d}" + "0" * 20))
    described += b" " * (-len(described) % 80)
    body = b"".join(rows)
    return head + described + record(HEADER.format("OBS", "0" * 30)) + body + b" " * (-len(body) % 80)


@pytest.fixture(scope="session")
def transport() -> Callable[[dict[str, list[float | None] | list[str]]], bytes]:
    """Writes columns as a SAS transport file of version 5."""
    return _transport
