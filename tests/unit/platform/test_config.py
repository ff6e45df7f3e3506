"""Settings: where they come from, and what is said of those that cannot be used."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cdss.serving.platform.cli import app
from cdss.serving.platform.config import ConfigError, Settings, origin, settings


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [f"CDSS_{field.upper()}" for field in Settings.model_fields] + ["CDSS_CONFIG"]:
        monkeypatch.delenv(name, raising=False)


def test_the_environment_wins_over_the_file_and_the_file_over_the_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "cdss.toml"
    file.write_text('port = 4000\nlang = "en"\n')
    monkeypatch.setenv("CDSS_CONFIG", str(file))
    monkeypatch.setenv("CDSS_PORT", "5000")
    current = settings()
    assert (current.port, current.lang, current.dicom_port) == (5000, "en", 11112)
    assert (origin("port"), origin("lang"), origin("dicom_port")) == ("environment", str(file), "default")


BAD = [
    ("CDSS_PORT", "99999", "CDSS_PORT: Input should be less than or equal to 65535"),
    ("CDSS_LANG", "fr", "CDSS_LANG: Input should be 'zh' or 'en'"),
    ("CDSS_AE_TITLE", "A" * 17, "CDSS_AE_TITLE: Value error, expected 1 to 16 characters"),
    ("CDSS_PACS", "orthanc:4242", "expected AET@host:port, for example ORTHANC@127.0.0.1:4242"),
    ("CDSS_HOST", "0.0.0.0", "CDSS_AUTH=off serves loopback only, found CDSS_HOST=0.0.0.0"),
    ("CDSS_AUTH", "jwt", "CDSS_AUTH: Input should be 'off'"),
    ("CDSS_PROT", "3000", "found unknown CDSS_PROT"),
    ("CDSS_CONFIG", "/nowhere/cdss.toml", "found no file /nowhere/cdss.toml; create it or unset CDSS_CONFIG"),
]


@pytest.mark.parametrize(("name", "value", "says"), BAD, ids=[row[0] for row in BAD])
def test_a_setting_that_cannot_be_used_is_named(
    name: str, value: str, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigError) as error:
        settings()
    assert says in str(error.value)


def test_a_file_that_is_not_toml(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "cdss.toml"
    file.write_text("port: 4000")
    monkeypatch.setenv("CDSS_CONFIG", str(file))
    with pytest.raises(ConfigError, match="not TOML"):
        settings()


def test_postgresql_urls_name_our_driver() -> None:
    assert Settings(database_url="postgresql://u@h/d").database == "postgresql+psycopg://u@h/d"


def run(*arguments: str) -> Any:
    return CliRunner().invoke(app, ["config", *arguments])


def test_explain_names_every_setting_with_its_meaning() -> None:
    rows = json.loads(run("explain", "--json").stdout)
    assert {row["name"] for row in rows} == {f"CDSS_{name.upper()}" for name in Settings.model_fields}
    assert all(row["meaning"] and row["from"] == "default" for row in rows)


def test_check_says_valid_or_exits_2(monkeypatch: pytest.MonkeyPatch) -> None:
    assert run("check").exit_code == 0
    monkeypatch.setenv("CDSS_PORT", "none")
    assert run("check").exit_code == 2
