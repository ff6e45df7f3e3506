"""The command `cdss`. Sub-commands register under the entry-point group `cdss.commands`, in whatever room they live.

Exit status: 0 success, 1 the job failed, 2 the input or the usage is wrong.
"""

import os
import sys
from importlib.metadata import EntryPoint, entry_points
from typing import Any

import typer
from typer.core import TyperGroup

GROUP = "cdss.commands"
NOTICE = "Decision support for clinicians, not a cleared medical device. 临床决策辅助，非已注册医疗器械。"
EXTRA_NEEDED = {"data": "train", "train": "train", "evaluate": "train"}


class Commands(TyperGroup):
    """Loads a sub-command's module only when it is called, so that `cdss check` starts fast."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002
        """All registered names, alphabetically."""
        return sorted(_registered())

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002
        """The command called `cmd_name`, or None; one whose extra is not installed explains that when called."""
        found = _registered().get(cmd_name)
        return None if found is None else _loaded(found)


def _registered() -> dict[str, EntryPoint]:
    return {entry.name: entry for entry in entry_points(group=GROUP)}


def _loaded(entry: EntryPoint) -> Any:
    try:
        target = entry.load()
    except ModuleNotFoundError as e:
        if entry.name not in EXTRA_NEEDED:
            raise
        target = _needs_extra(entry.name, str(e.name))
    if isinstance(target, typer.Typer):
        return typer.main.get_group(target) if len(target.registered_commands) != 1 else _group(target)
    app = typer.Typer(add_completion=False)
    app.command(entry.name)(target)
    return typer.main.get_command(app)


def _group(app: typer.Typer) -> Any:
    app.callback()(lambda: None)
    return typer.main.get_group(app)


def _needs_extra(name: str, module: str) -> Any:
    def explain() -> None:
        install = f"pip install 'wangdi-cdss[{EXTRA_NEEDED[name]}]'"
        raise typer.BadParameter(f"`cdss {name}` needs {module}, which is not installed; run: {install}")

    explain.__doc__ = f"(needs the extra `{EXTRA_NEEDED[name]}`)"
    return explain


app = typer.Typer(
    cls=Commands, add_completion=False, no_args_is_help=True, help=f"Wangdi CDSS 网底. {NOTICE}", rich_markup_mode=None
)


@app.callback()
def root() -> None:
    """See each command's own --help."""


def main() -> None:
    """Entry point. An unexpected error is one line on stderr, with its traceback under CDSS_LOG_LEVEL=debug, and 1."""
    try:
        app(prog_name="cdss")
    except Exception as e:
        if os.environ.get("CDSS_LOG_LEVEL") == "debug":
            raise
        print(f"cdss: {type(e).__name__}: {e}", file=sys.stderr)  # noqa: T201
        sys.exit(1)
