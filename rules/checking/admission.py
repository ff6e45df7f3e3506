"""May a folder of knowledge be put in force? Sizes first, then everything in it is built, linted and tested.

Nothing of a folder that is refused is ever asked; the reasons say what to mend.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

from cdss.rules import KNOWLEDGE
from cdss.rules.checking.lint import lint
from cdss.rules.checking.selftest import run
from cdss.rules.language.sizes import PackRefused, refuse_sizes
from cdss.rules.pack import Pack, digest, load

OF_THE_PROGRAM = (  # read once by the program itself, the same for every pack
    "orders", "observations", "conditions", "imaging/words", "pathway/scores", "pathway/words",
)  # fmt: skip


def admit(
    folder: Path, today: date, hospital_codes: Path | None = None, site: Mapping[str, float] | None = None
) -> Pack:
    """The pack, if it may be put in force: PackRefused says why not."""
    refuse_sizes(folder)
    try:
        pack = load(folder, hospital_codes, site)
    except (ValueError, OSError, RecursionError) as e:
        raise PackRefused(folder, (str(e),)) from e
    if reasons := tuple(_faults(pack, folder, today)):
        raise PackRefused(folder, reasons)
    return pack


def _faults(pack: Pack, folder: Path, today: date) -> Iterator[str]:
    for name in OF_THE_PROGRAM:
        if digest(folder / name) != digest(KNOWLEDGE / name):
            yield f"{name}/ differs from that of the program; such a change needs a new version of the program"
    for fault in lint(pack.rules.values(), today):
        yield str(fault)
    for compiled in pack.rules.values():
        for outcome in run(compiled):
            if not outcome.passed:
                yield f"{outcome.rule}: {outcome.test}: found {outcome.got}, expected {outcome.expected}"
