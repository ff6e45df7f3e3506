"""How the interaction knowledge does on reference pairs: `python -m cdss.evaluation.interactions --data DIR`.

Three lists by DrugBank name: pairs that should be alerted (ONC high priority, NDF-RT critical, CredibleMeds), pairs
that should not interrupt (ONC), pairs presumed harmless. A pair counts only if the formulary knows both names as
different substances. The lists are for measuring, the knowledge is never written from them.
"""

import argparse
import csv
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from cdss.datasets.source import Source, folder_of
from cdss.rules.alert import INTERRUPTIVE
from cdss.rules.drugs.formulary import Formulary
from cdss.rules.interactions.index import FOLDER, InteractionIndex

SOURCE = Source("drugs", "Reference pairs of interactions", "see README", "see README", "", {}, ("eval/*.csv",))
HIGH_ALERT = "heldout_high_alert_positive.csv"
NOT_INTERRUPTIVE = "low_priority_noninterruptive.csv"
PRESUMED_NEGATIVE = "presumed_negative_5000.csv"
COLUMNS = ("onc_high", "ndfrt_critical", "crediblemeds_ddi")

Ids = tuple[str, str]


class Counted(msgspec.Struct, frozen=True):
    """Of `pairs` in a list, `known` have both drugs in the formulary; shares are of those (None: there are none)."""

    pairs: int
    known: int
    found: float | None
    interruptive: float | None


class Result(msgspec.Struct, frozen=True):
    """`names` and `names_known` count distinct drug names over all lists."""

    names: int
    names_known: int
    high_alert: Counted
    high_alert_by_source: dict[str, Counted]
    not_interruptive: Counted
    presumed_negative: Counted
    unknown_names: list[str]


class Judge:
    """The knowledge asked about pairs of names."""

    def __init__(self) -> None:
        self.formulary = Formulary.load()
        self.index = InteractionIndex.load(FOLDER, self.formulary)

    def id(self, name: str) -> str | None:
        """The ingredient a reference name means; None if unknown, or not one substance."""
        ingredients = self.formulary.resolve(name=name.replace("_", " ")).ingredients
        return ingredients[0].id if len(ingredients) == 1 else None

    def count(self, rows: list[dict[str, str]]) -> Counted:
        """The share of the known pairs of these rows that are found, and found to interrupt."""
        known = list(self._known(rows))
        found = [self.index.between(a, b) for a, b in known]
        stopping = [interactions for interactions in found if interactions and interactions[0].severity in INTERRUPTIVE]
        return Counted(len(rows), len(known), _share(filter(None, found), known), _share(stopping, known))

    def _known(self, rows: list[dict[str, str]]) -> Iterator[Ids]:
        for row in rows:
            a, b = self.id(row["name_a"]), self.id(row["name_b"])
            if a and b and a != b:
                yield a, b


def evaluate(data: Path | None = None) -> Result:
    """All three lists in the data folder. DataNotFound if they are not there."""
    folder = folder_of(SOURCE, data) / "eval"
    high, low, negative = (_rows(folder / name) for name in (HIGH_ALERT, NOT_INTERRUPTIVE, PRESUMED_NEGATIVE))
    judge = Judge()
    names = {row[side] for row in (*high, *low, *negative) for side in ("name_a", "name_b")}
    unknown = sorted(name for name in names if judge.id(name) is None)
    return Result(
        names=len(names),
        names_known=len(names) - len(unknown),
        high_alert=judge.count(high),
        high_alert_by_source={c: judge.count([row for row in high if row[c] == "1"]) for c in COLUMNS},
        not_interruptive=judge.count(low),
        presumed_negative=judge.count(negative),
        unknown_names=unknown,
    )


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _share(some: Iterable[object], all_: list[Ids]) -> float | None:
    return sum(1 for _ in some) / len(all_) if all_ else None


def main() -> None:
    """Print the result as JSON."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, help="folder laid out like $CDSS_DATA")
    result = evaluate(parser.parse_args().data)
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(result), indent=2).decode() + "\n")


if __name__ == "__main__":
    main()
