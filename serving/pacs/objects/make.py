"""All result objects of one study, written to a folder."""

from pathlib import Path

from cdss.serving.pacs.objects.capture import captures
from cdss.serving.pacs.objects.evidence import save
from cdss.serving.pacs.objects.report import report
from cdss.serving.pacs.objects.request import Request


def make(request: Request, folder: Path) -> list[Path]:
    """Write the report as sr.dcm and the captures as sc-1.dcm and on; returns them in that order."""
    folder.mkdir(parents=True, exist_ok=True)
    written = [folder / "sr.dcm"]
    save(report(request), written[0])
    for number, capture in enumerate(captures(request), 1):
        written.append(folder / f"sc-{number}.dcm")
        save(capture, written[-1])
    return written
