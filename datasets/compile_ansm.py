"""Compile the thesaurus into the tables of `rules/knowledge/interactions`: `python -m cdss.datasets.compile_ansm`.

Facts only: substances, classes, levels, codes. The French sentences stay behind. The same edition and the same
ingredient table give the same bytes.
"""

import argparse
import csv
import io
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from cdss.datasets.ansm import Rule, Thesaurus, plain, read
from cdss.datasets.ansm_classes import CLASSES, SAME_CLASS
from cdss.datasets.ansm_codes import ADVICE, MECHANISM, advice, mechanism
from cdss.datasets.ansm_splits import LEFT_OUT, SPLITS, Split

KNOWLEDGE = Path(__file__).parent.parent / "rules" / "knowledge"
CLASS = "@"  # before a class id where a substance id may stand as well


class NotMapped(ValueError):
    """The edition names a substance or class that our tables do not have."""


class Row(NamedTuple):
    """One line of ansm_rules.csv. `a` and `b`: ingredient ids or @classes, several separated by |.

    `when`: the conditions that must all hold, separated by blanks; empty: it always holds.
    """

    id: str
    a: str
    b: str
    level: str
    mechanism: str
    advice: str
    when: str


def compiled(thesaurus: Thesaurus, ingredients: Path) -> dict[str, str]:
    """The tables by file name. NotMapped names every substance or class that is not in ours."""
    ids = _ids(ingredients)
    _check(thesaurus, ids)
    rows = [row for rule in thesaurus.rules if rule.id not in LEFT_OUT for row in _rows(rule, ids)]
    return {
        "ansm_rules.csv": _table(Row._fields, rows),
        "ansm_classes.csv": _table(("id", "zh", "en", "local", "members"), _class_rows(thesaurus, ids)),
    }


def _ids(path: Path) -> dict[str, tuple[str, ...]]:
    """The thesaurus's substances by plain French name, to our ingredients; one may be several (iron salts)."""
    found: dict[str, tuple[str, ...]] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            for name in filter(None, row["ansm"].split("|")):
                found[plain(name)] = (*found.get(plain(name), ()), row["id"])
    return found


def _check(thesaurus: Thesaurus, ids: dict[str, tuple[str, ...]]) -> None:
    used = [rule for rule in thesaurus.rules if rule.id not in LEFT_OUT]
    missing = {
        side
        for rule in used
        for side in (rule.a, rule.b)
        if side not in ids and SAME_CLASS.get(side, side) not in CLASSES
    }
    if missing:
        raise NotMapped(f"found {sorted(missing)}, expected each in ingredients.csv (column ansm) or ansm_classes.py")


def _rows(rule: Rule, ids: dict[str, tuple[str, ...]]) -> Iterator[Row]:
    """The rule as it is, or its parts in order; the last of them is the rest and keeps the rule's own id."""
    if rule.id not in SPLITS:
        ((level, _),) = rule.levels
        yield _row(rule, rule.id, Split((), (), level), ids)
        return
    *parts, rest = SPLITS[rule.id]
    for number, split in enumerate(parts, start=1):
        yield _row(rule, f"{rule.id}-{number}", split, ids)
    yield _row(rule, rule.id, rest, ids)


def _row(rule: Rule, id: str, split: Split, ids: dict[str, tuple[str, ...]]) -> Row:
    a = _named(split.a, ids) if split.a else _side(rule.a, ids)
    b = _named(split.b, ids) if split.b else _side(rule.b, ids)
    words = " ".join(text for said, text in rule.levels if said == split.level)
    codes = ADVICE.get(rule.id) or (advice(split.level, words) if split.level else ())
    return Row(
        f"interaction/{id}",
        a,
        b,
        split.level or "",
        MECHANISM.get(rule.id) or mechanism(rule.mechanism),
        " ".join(split.advice or codes),
        split.when,
    )


def _side(name: str, ids: dict[str, tuple[str, ...]]) -> str:
    named = CLASSES.get(SAME_CLASS.get(name, name))
    return CLASS + named.id if named else "|".join(ids[name])


def _named(names: Iterable[str], ids: dict[str, tuple[str, ...]]) -> str:
    return "|".join(dict.fromkeys(id for name in names for id in (ids.get(name) or (_class(name),))))


def _class(name: str) -> str:
    if not name.startswith(CLASS):
        raise NotMapped(f"found {name!r} in ansm_splits.py, expected a substance of ingredients.csv or {CLASS}class")
    return name


def _members(name: str, thesaurus: Thesaurus, ids: dict[str, tuple[str, ...]]) -> list[str]:
    names = thesaurus.classes.get(SAME_CLASS.get(name, name), (name,))
    return [id for member in names for id in ids.get(member, ())]


def _class_rows(thesaurus: Thesaurus, ids: dict[str, tuple[str, ...]]) -> Iterator[tuple[str, ...]]:
    for name, named in sorted(CLASSES.items(), key=lambda item: item[1].id):
        members = sorted(set(_members(name, thesaurus, ids)))
        yield named.id, named.zh, named.en, "yes" if named.local else "", "|".join(members)


def _table(columns: Iterable[str], rows: Iterable[tuple[str, ...]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return text.getvalue()


def main() -> None:
    """Write the tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, help="folder laid out like $CDSS_DATA")
    parser.add_argument("--out", type=Path, default=KNOWLEDGE / "interactions", help="folder to write")
    given = parser.parse_args()
    for name, text in compiled(read(given.data), KNOWLEDGE / "drugs" / "ingredients.csv").items():
        (given.out / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
