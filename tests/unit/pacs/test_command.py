"""`cdss preread` as a user meets it."""

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pydicom
import pytest
import typer
from typer.testing import CliRunner

from cdss.models.finding import Box, Nodule
from cdss.serving.pacs import command
from cdss.serving.pacs.detect import Unavailable

Make = Callable[..., Path]
OK, FAILED, WRONG_INPUT = 0, 1, 2


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, stand_in: Any) -> Callable[..., Any]:
    """Runs the command with a stand-in for the models."""
    app = typer.Typer()
    app.command()(command.preread)

    def go(*arguments: object, **said: Any) -> Any:
        detector = stand_in(Nodule(0.9, (12, 200, 150), 7.0), boxes=[Box(0.7, (10, 20, 30, 40))], **said)
        monkeypatch.setattr(command, "_detector", lambda: detector)
        return CliRunner().invoke(app, [str(one) for one in arguments])

    return go


def words(shown: str) -> str:
    """Without the frame and line breaks of a terminal."""
    return " ".join(shown.replace("│", " ").split())


def test_a_folder_gives_json_and_result_objects(run: Any, phantom: Any, tmp_path: Path) -> None:
    done = run(phantom[0], "--json", "--out", tmp_path)
    assert done.exit_code == OK
    (study,) = json.loads(done.stdout)["studies"]
    assert {"study_uid", "state", "series", "quality", "model", "findings"} <= set(study)
    assert study["state"] == "reported"
    assert study["series"][0]["chosen"] is True
    (finding,) = study["findings"]
    assert set(finding) >= {"kind", "score", "position_mm", "diameter_mm", "sop_instance_uid", "box_px", "series_uid"}
    written = sorted((tmp_path / study["study_uid"]).iterdir())
    assert [path.name for path in written] == ["sc-1.dcm", "sr.dcm"]
    assert pydicom.dcmread(written[1]).PreliminaryFlag == "PRELIMINARY"


def test_pictures_for_somebody_without_a_pacs(run: Any, make_image: Make, tmp_path: Path) -> None:
    film = make_image(tmp_path / "film.dcm")
    done = run(film, "--json", "--overlay", tmp_path / "new" / "seen.png")
    assert done.exit_code == OK
    assert (tmp_path / "new" / "seen.png").read_bytes().startswith(b"\x89PNG")
    assert "seen.png" in done.stderr
    assert json.loads(done.stdout)["studies"][0]["state"] == "reported"


def test_of_a_study_that_was_not_read_there_is_no_picture(run: Any, make_image: Make, tmp_path: Path) -> None:
    done = run(make_image(tmp_path / "mr.dcm", Modality="MR"), "--lang", "en", "--overlay", tmp_path / "seen.png")
    assert done.exit_code == OK
    assert not (tmp_path / "seen.png").exists()
    assert "no picture: not read" in words(done.stderr)


def test_own_results_in_the_folder_are_ignored(run: Any, phantom: Any, tmp_path: Path) -> None:
    run(phantom[0], "--json", "--out", tmp_path / "out")
    done = run(phantom[0], tmp_path / "out", "--json")
    assert len(json.loads(done.stdout)["studies"][0]["series"]) == 1


def test_a_zip_is_read_like_a_folder(run: Any, make_image: Make, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "study.zip", "w") as archive:
        archive.write(make_image(tmp_path / "film.dcm"), "a/film.dcm")
        archive.writestr("a/.DS_Store", "x")
    done = run(tmp_path / "study.zip", "--json")
    assert json.loads(done.stdout)["studies"][0]["findings"][0]["kind"] == "fracture"
    assert json.loads(done.stdout)["files"] == []


def test_a_zip_bomb_is_refused(run: Any, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb.dcm", b"\0" * (100 << 20))
    done = run(tmp_path / "bomb.zip", "--lang", "en")
    assert done.exit_code == WRONG_INPUT
    assert "is refused as a likely bomb" in words(done.stderr)


def test_what_is_not_dicom_exits_with_2_and_says_so(run: Any, tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("Dear colleague", encoding="ascii")
    done = run(tmp_path / "letter.txt", "--lang", "en")
    assert done.exit_code == WRONG_INPUT
    assert "Not a DICOM file" in words(done.stderr)


def test_an_empty_folder_exits_with_2(run: Any, tmp_path: Path) -> None:
    done = run(tmp_path, "--lang", "zh")
    assert done.exit_code == WRONG_INPUT
    assert "没有找到 DICOM 图像" in done.stderr


def test_a_path_that_is_not_there_exits_with_2(run: Any, tmp_path: Path) -> None:
    assert run(tmp_path / "nothing").exit_code == WRONG_INPUT


def test_bad_files_are_listed_and_the_rest_is_read(run: Any, make_image: Make, tmp_path: Path) -> None:
    make_image(tmp_path / "good.dcm")
    cut = make_image(tmp_path / "cut.dcm")
    cut.write_bytes(cut.read_bytes()[:-100])
    (tmp_path / "notes.txt").write_text("x", encoding="ascii")
    done = run(tmp_path, "--json")
    body = json.loads(done.stdout)
    assert done.exit_code == OK
    assert len(body["studies"]) == 1
    assert {Path(one["file"]).name: one["code"] for one in body["files"]} == {
        "cut.dcm": "truncated",
        "notes.txt": "not_dicom",
    }
    assert "files_not_read" in [why["code"] for why in body["studies"][0]["quality"]]


def test_a_study_out_of_scope_is_not_applicable_and_no_failure(run: Any, make_image: Make, tmp_path: Path) -> None:
    done = run(make_image(tmp_path / "mr.dcm", Modality="MR"), "--json", "--lang", "en")
    (study,) = json.loads(done.stdout)["studies"]
    assert (done.exit_code, study["state"], study["model"]) == (OK, "not-applicable", None)
    assert study["series"][0]["reason"].startswith("Modality MR is not read")


def test_a_failed_study_exits_with_1(run: Any, phantom: Any, tmp_path: Path) -> None:
    for path in sorted(phantom[0].glob("*.dcm")):
        if path.name not in ("0010.dcm", "0011.dcm"):
            (tmp_path / path.name).symlink_to(path)
    done = run(tmp_path, "--json")
    (study,) = json.loads(done.stdout)["studies"]
    assert (done.exit_code, study["state"], study["quality"][0]["code"]) == (FAILED, "failed", "missing_slices")
    assert study["findings"] == []


def test_a_missing_model_is_said_and_is_no_result(run: Any, make_image: Make, tmp_path: Path) -> None:
    done = run(make_image(tmp_path / "bad"), "--json", error=Unavailable("found no model card"))
    (study,) = json.loads(done.stdout)["studies"]
    assert (done.exit_code, study["state"], study["quality"][0]["code"]) == (FAILED, "failed", "ai_unavailable")
    assert "found no model card" in words(done.stderr)


def test_the_table_never_shows_zero_for_what_was_not_read(run: Any, make_image: Make, tmp_path: Path) -> None:
    done = run(make_image(tmp_path / "mr.dcm", Modality="MR"), "--lang", "en")
    assert "not-applicable" in done.stdout
    assert "│ 0" not in done.stdout


def test_the_same_instance_twice_counts_once(run: Any, make_image: Make, tmp_path: Path) -> None:
    path = make_image(tmp_path / "a.dcm")
    (tmp_path / "b.dcm").write_bytes(path.read_bytes())
    quality = json.loads(run(tmp_path, "--json").stdout)["studies"][0]["quality"]
    assert "duplicate_ignored" in [why["code"] for why in quality]


def test_another_content_under_the_same_uid_is_remarked(run: Any, make_image: Make, tmp_path: Path) -> None:
    uids = {"SOPInstanceUID": "1.2.3", "StudyInstanceUID": "1.2", "SeriesInstanceUID": "1.2.1"}
    make_image(tmp_path / "a.dcm", **uids)
    make_image(tmp_path / "b.dcm", **uids, ImageComments="changed")
    (study,) = json.loads(run(tmp_path, "--json").stdout)["studies"]
    assert "duplicate_conflict" in [why["code"] for why in study["quality"]]


def test_a_language_that_is_none(run: Any, phantom: Any) -> None:
    assert run(phantom[0], "--lang", "fr").exit_code == WRONG_INPUT
