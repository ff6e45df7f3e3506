"""`cdss preread`: DICOM files, folders or zips in, findings and result objects out, without a server."""

import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

import msgspec
import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table

from cdss.models.provider import ProviderUnavailable
from cdss.serving.pacs import rating
from cdss.serving.pacs.detect import Detector, LocalDetector, Unavailable
from cdss.serving.pacs.intake.given import BadFile, Given, gather
from cdss.serving.pacs.intake.manifest import manifest, result_key, sha256
from cdss.serving.pacs.objects import sheet
from cdss.serving.pacs.objects.make import make
from cdss.serving.pacs.objects.request import Request
from cdss.serving.pacs.reading import read_study, unavailable
from cdss.serving.pacs.reasons import Reason, reason
from cdss.serving.pacs.result import StudyTold, in_language, read_by
from cdss.serving.pacs.series.file import File
from cdss.serving.pacs.size import words
from cdss.serving.platform.config import ConfigError, settings

Lang = Literal["zh", "en"]
FAILED = 1
HEADINGS: dict[Lang, tuple[str, ...]] = {
    "zh": ("检查", "状态", "模型", "所见", "说明"),
    "en": ("Study", "State", "Model", "Findings", "Remarks"),
}


class Outputs(msgspec.Struct, frozen=True):
    """Where to write: result objects of each study to a folder, pictures of its key images; None: not wanted."""

    objects: Path | None
    sheets: sheet.Sheets | None


def preread(
    paths: Annotated[list[Path], typer.Argument(help="DICOM files, folders or zips", exists=True)],
    out: Annotated[Path | None, typer.Option(help="Write the report (SR) and captures of each study here")] = None,
    overlay: Annotated[
        Path | None,
        typer.Option(help="Write key images with boxes and score map here: a name ending in .png, or a folder"),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON on stdout, nothing else there")] = False,
    lang: Annotated[str | None, typer.Option(help="zh or en; by default CDSS_LANG")] = None,
) -> None:
    """Read chest CTs for nodules and films of limbs, hip and shoulder for fractures.

    Exit status: 0 all studies read or not applicable, 1 a study failed, 2 nothing given is DICOM.
    """
    chosen, detector = _language(lang), _detector()
    with tempfile.TemporaryDirectory(prefix="cdss-preread-") as folder:
        given = gather(paths, Path(folder))
        if not given.studies:
            raise typer.BadParameter(_nothing(given.bad, chosen))
        to = Outputs(out, sheet.Sheets(overlay) if overlay else None)
        told = [in_language(study, chosen) for study in _read_all(given, detector, to)]
    _print_json(told, given.bad) if json else _print_table(told, given.bad, chosen)
    if any(study.state == "failed" for study in told):
        raise typer.Exit(FAILED)


def _detector() -> LocalDetector:
    """On the runtime that is set; proved before any study is read."""
    try:
        detector = LocalDetector(runs_on=settings().imaging_provider)
        detector.start()
    except (ConfigError, ProviderUnavailable) as e:
        raise typer.BadParameter(str(e)) from e
    return detector


def _language(lang: str | None) -> Lang:
    if lang not in (None, "zh", "en"):
        raise typer.BadParameter(f"found --lang {lang!r}, expected zh or en")
    try:
        return "zh" if (lang or settings().lang) == "zh" else "en"
    except ConfigError as e:
        raise typer.BadParameter(str(e)) from e


def _nothing(bad: list[BadFile], lang: Lang) -> str:
    """Why there is nothing to do: the first files and their faults."""
    faults = [f"{one.file}: {one.reason.zh if lang == 'zh' else one.reason.en}" for one in bad[:5]]
    more = f" (+{len(bad) - 5})" if len(bad) > 5 else ""
    empty = "没有找到 DICOM 图像。" if lang == "zh" else "found no DICOM image; give DICOM files, folders or zips"
    return "\n".join(faults) + more if faults else empty


def _read_all(given: Given, detector: Detector, to: Outputs) -> Iterator[StudyTold]:
    progress = Console(stderr=True)
    for uid, files in track(given.studies.items(), "pre-read", console=progress, disable=not progress.is_terminal):
        notes = [*given.notes[uid], *_damaged(given.bad)]
        try:
            told = read_study(uid, files, detector, notes)
        except Unavailable as e:
            progress.print(f"{uid}: {e}", markup=False, soft_wrap=True)
            told = unavailable(uid, notes)
        if told.model:
            _write(_request(told, files), to, progress)
        elif to.sheets:
            progress.print(f"{uid}: no picture: not read", markup=False, soft_wrap=True)
        yield told


def _damaged(bad: list[BadFile]) -> list[Reason]:
    """DICOM files that cannot be read may belong to any of the studies, so each of them says so."""
    count = sum(one.reason.code not in ("not_dicom", "empty_file") for one in bad)
    return [reason("files_not_read", count=count)] if count else []


def _write(request: Request, to: Outputs, progress: Console) -> None:
    """Result objects and pictures of a study that was read, where they are wanted."""
    if to.objects:
        make(request, to.objects / request.told.study_uid)
    if to.sheets:
        for path in to.sheets.write(request):
            progress.print(str(path), markup=False, soft_wrap=True)


def _request(told: StudyTold, files: list[File]) -> Request:
    inputs = manifest((file.about.sop_uid, sha256(file.path)) for file in files)
    key = result_key(told.study_uid, inputs, read_by(told))
    return Request(key, told, tuple(_chosen(told, files)), datetime.now(UTC))


def _chosen(told: StudyTold, files: list[File]) -> Iterator[File]:
    read = {series.series_uid for series in told.series if series.chosen}
    return (file for file in files if file.about.series_uid in read)


def _print_json(told: list[StudyTold], bad: list[BadFile]) -> None:
    files = [{"file": one.file, **msgspec.to_builtins(one.reason)} for one in bad]
    body = msgspec.json.encode({"studies": told, "files": files})
    typer.echo(msgspec.json.format(body, indent=2).decode())


def _print_table(told: list[StudyTold], bad: list[BadFile], lang: Lang) -> None:
    table = Table(
        *(
            ("检查", "状态", "模型", "所见", "说明")
            if lang == "zh"
            else ("Study", "State", "Model", "Findings", "Remarks")
        )
    )
    for study in told:
        remarks = "\n".join(getattr(why, lang) for why in study.quality)
        model = f"{study.model.name} {study.model.version}" if study.model else "-"
        table.add_row(study.study_uid, study.state, model, _findings(study, lang), remarks)
    Console().print(table)
    for one in bad:
        typer.echo(f"{one.file}: {getattr(one.reason, lang)}", err=True)


def _findings(study: StudyTold, lang: Lang) -> str:
    """One line a finding; a dash where nothing was read, which is not the same as nothing found."""
    if study.model is None:
        return "-"
    lines = []
    for finding in study.findings:
        where = finding.position_mm or finding.box_px
        size = f" {words(finding, lang)}".rstrip() + rating.words(finding, lang)
        lines.append(f"{finding.score:.2f}{size} @ {', '.join(f'{value:.0f}' for value in where)}")
    return "\n".join(lines) or "0"
