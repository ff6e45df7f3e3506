"""The wheel, installed where nothing else is: what a hospital gets."""

import json
import subprocess
import sys
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LABORATORY = {"torch", "monai", "mlflow", "scikit-learn", "pandas"}
MEGABYTE = 1e6
pytestmark = pytest.mark.slow


def run(*command: str | Path) -> str:
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, cwd="/")
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clean environment with the wheel and what it needs, nothing more."""
    folder = tmp_path_factory.mktemp("clean")
    run(sys.executable, "-m", "build", "--wheel", "--outdir", folder / "dist", ROOT)
    venv.create(folder / "env", with_pip=True)
    (wheel,) = (folder / "dist").glob("*.whl")
    run(folder / "env" / "bin" / "pip", "--disable-pip-version-check", "install", "--quiet", wheel)
    return folder / "env"


def site_packages(environment: Path) -> Path:
    (found,) = environment.glob("lib/python*/site-packages")
    return found


def test_only_cdss_comes_from_us(installed: Path) -> None:
    record = next(site_packages(installed).glob("wangdi_cdss-*.dist-info")) / "RECORD"
    tops = {line.split("/")[0] for line in record.read_text().splitlines()}
    assert {top for top in tops if not top.startswith(("wangdi_cdss-", ".."))} == {"cdss"}


def test_the_laboratory_stays_out(installed: Path) -> None:
    packages = json.loads(run(installed / "bin" / "pip", "list", "--format", "json"))
    assert not LABORATORY & {package["name"].lower() for package in packages}


def test_it_stays_under_700_mb_with_bytecode(installed: Path) -> None:
    run(installed / "bin" / "python", "-m", "compileall", "-q", "-j", "2", site_packages(installed))
    size = sum(path.stat().st_size for path in site_packages(installed).rglob("*") if path.is_file())
    print(f"installed: {size / MEGABYTE:.0f} MB with bytecode")  # noqa: T201
    assert size / MEGABYTE <= 700


def test_the_command_runs_and_knows_its_models_and_rules(installed: Path) -> None:
    cdss = installed / "bin" / "cdss"
    assert "Wangdi" in run(cdss, "--help")
    assert "0 failed" in subprocess.run([cdss, "rules", "test"], capture_output=True, text=True, cwd="/").stderr
    assert set(json.loads(run(cdss, "model", "verify", "--json")).values()) == {"intact"}
