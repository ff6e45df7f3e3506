"""`cdss backup` and `cdss restore`."""

from pathlib import Path
from typing import Annotated

import typer

from cdss.serving.platform import backup as archive
from cdss.serving.platform.config import ConfigError, settings


def backup(file: Annotated[Path, typer.Argument(help="Where to write, for example backup.tar.gz")]) -> None:
    """Save database, received studies and keys into one file; may run while serving."""
    try:
        count = archive.save(settings(), file)
    except (ConfigError, archive.BackupError) as e:
        raise typer.BadParameter(str(e)) from e
    typer.echo(f"saved {count} members to {file}")


def restore(file: Annotated[Path, typer.Argument(help="A file that `cdss backup` wrote")]) -> None:
    """Unpack a backup into an empty CDSS_HOME, checking every hash."""
    try:
        count = archive.restore(settings(), file)
    except (ConfigError, archive.BackupError) as e:
        raise typer.BadParameter(str(e)) from e
    typer.echo(f"restored {count} members")
