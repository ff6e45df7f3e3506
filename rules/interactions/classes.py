"""Classes that interaction rules speak of: the thesaurus's, with what it does not know added, and our own."""

from collections.abc import Iterable
from pathlib import Path

from cdss.rules.drugs.formulary import Formulary
from cdss.rules.terms.table import TableError, rows

CLASS = "@"  # before the name of a class, where the id of an ingredient may stand as well


class Classes:
    """Members by class. TableError names file and line of what cannot be used."""

    def __init__(self, folder: Path, formulary: Formulary) -> None:
        self._known = formulary.entries
        self._members: dict[str, dict[str, None]] = {}
        self._local: set[str] = set()
        self._read_ansm(folder / "ansm_classes.csv")
        self._read_own(folder / "supplement_classes.csv")
        self._read_extensions(folder / "extensions.csv")

    def ids(self, side: str) -> list[str]:
        """The ingredients a cell names: ids, and @classes with all their members. KeyError for what is neither."""
        found: dict[str, None] = {}
        for part in side.split("|"):
            if part.startswith(CLASS) and part[1:] in self._members:
                found |= self._members[part[1:]]
            elif part in self._known:
                found[part] = None
            else:
                raise KeyError(part)
        return list(found)

    def local(self, side: str) -> bool:
        """Whether the cell names a class that holds for eye drops as well."""
        return any(part.removeprefix(CLASS) in self._local for part in side.split("|") if part.startswith(CLASS))

    def _read_ansm(self, path: Path) -> None:
        for line, row in rows(path, ("id", "zh", "en", "local", "members")):
            self._add(path, line, row["id"], row["members"].split("|") if row["members"] else [])
            if row["local"] == "yes":
                self._local.add(row["id"])

    def _read_own(self, path: Path) -> None:
        """Ingredients by id, by ATC prefix, or those of another class."""
        for line, row in rows(path, ("id", "zh", "en", "atc", "members", "source")):
            prefixes = tuple(row["atc"].split())
            coded = [id for id, e in self._known.items() if prefixes and _under(e.ingredient.atc, prefixes)]
            try:
                named = self.ids(row["members"]) if row["members"] else []
            except KeyError as e:
                raise TableError(f"{path}:{line}: found {e.args[0]!r}, expected an ingredient id or a class") from e
            if not coded and not named:
                raise TableError(f"{path}:{line}: found class {row['id']!r} without members, expected at least one")
            self._add(path, line, row["id"], [*coded, *named])

    def _read_extensions(self, path: Path) -> None:
        """Members that the thesaurus does not know, added to its classes."""
        for line, row in rows(path, ("class", "members", "source")):
            if row["class"] not in self._members:
                raise TableError(f"{path}:{line}: found class {row['class']!r}, expected a class of ansm_classes.csv")
            self._add(path, line, row["class"], row["members"].split("|"))

    def _add(self, path: Path, line: int, name: str, members: Iterable[str]) -> None:
        members = list(members)
        if unknown := [id for id in members if id not in self._known]:
            raise TableError(f"{path}:{line}: found {unknown}, expected ingredient ids")
        self._members.setdefault(name, {}).update(dict.fromkeys(members))


def _under(codes: tuple[str, ...], prefixes: tuple[str, ...]) -> bool:
    return any(code.startswith(prefixes) for code in codes)
