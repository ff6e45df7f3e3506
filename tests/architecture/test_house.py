"""The house rules that are not visible in any one file."""

import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
from packaging.version import Version

ROOT = Path(__file__).parents[2]
ROOMS = ("models", "rules", "serving", "datasets", "training", "evaluation")


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / name for name in listed.stdout.splitlines()]


def test_imports_go_one_way() -> None:
    run = subprocess.run([Path(sys.executable).with_name("lint-imports")], cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout


@pytest.mark.parametrize("room", [*ROOMS, "tests"])
def test_every_folder_says_what_it_is(room: str) -> None:
    assert len((ROOT / room / "README.md").read_text(encoding="utf-8")) > 200


@pytest.mark.parametrize("room", ROOMS)
def test_the_import_name_reaches_every_room(room: str) -> None:
    assert (ROOT / ".import" / "cdss" / room).resolve() == (ROOT / room).resolve()
    assert (ROOT / room / "py.typed").exists()


def test_no_python_below_the_knowledge() -> None:
    assert not list((ROOT / "rules" / "knowledge").rglob("*.py"))


def test_artifacts_stay_small() -> None:
    sizes = {path: path.stat().st_size for path in tracked() if path.suffix == ".onnx"}
    assert sizes, "the trained models are part of the project"
    assert max(sizes.values()) <= 25e6
    assert sum(sizes.values()) <= 60e6


def test_nothing_that_runs_code_when_loaded_is_shipped() -> None:
    assert not [path for path in tracked() if path.suffix in {".pkl", ".pickle", ".joblib", ".pt", ".pth"}]


def test_no_path_of_any_machine_is_written_down() -> None:
    absolute = re.compile(r"(?<![\w.])/(?:home|root|work|Users)/\w+")
    for path in tracked():
        if path.suffix in {".py", ".md", ".yaml", ".toml", ".html", ".js"} and path != Path(__file__):
            assert not absolute.search(path.read_text(encoding="utf-8")), path


def test_vendored_files_are_unchanged() -> None:
    vendor = ROOT / "serving" / "web" / "static" / "vendor"
    run = subprocess.run(["sha256sum", "--check", "SHA256SUMS"], cwd=vendor, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout


SAFE = {  # found unsafe below these, or needed from these on
    "bentoml": "1.4.39", "mlflow": "3.17", "pydicom": "3.0.2", "pynetdicom": "3.0.4", "jinja2": "3.1.6",
    "python-gdcm": "3.2.6",
}  # fmt: skip


@pytest.mark.parametrize(("package", "least"), SAFE.items())
def test_no_dependency_is_below_its_safe_version(package: str, least: str) -> None:
    assert Version(version(package)) >= Version(least)
