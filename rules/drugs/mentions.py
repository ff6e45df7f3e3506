"""Names looked for inside a sentence, the longest first: of allergens, of diagnoses."""

from collections.abc import Iterator, Mapping, Set

from cdss.rules.drugs.text import is_chinese

SHORTEST_CHINESE, SHORTEST_LATIN = 2, 3  # characters of a name that is looked for


class Mentions:
    """Folded names that may stand anywhere in a folded text."""

    def __init__(self, *names: Mapping[str, object] | Set[str]) -> None:
        self.names = names
        self.longest = max((len(name) for some in names for name in some), default=0)

    def find(self, folded: str) -> tuple[str, ...]:
        """Names that stand in the text, from its beginning, each once; none inside a longer one."""
        return tuple(dict.fromkeys(self._scan(folded)))

    def _scan(self, folded: str) -> Iterator[str]:
        start = 0
        while start < len(folded):
            name = self._at(folded, start)
            if name:
                yield name
            start += len(name) or 1

    def _at(self, folded: str, start: int) -> str:
        """The longest name that begins here; empty if none does. Latin words are taken whole."""
        if start and _latin(folded[start]) and _latin(folded[start - 1]):
            return ""
        for end in range(min(len(folded), start + self.longest), start + SHORTEST_CHINESE - 1, -1):
            name = folded[start:end]
            cut = end < len(folded) and _latin(name[-1]) and _latin(folded[end])
            if not cut and len(name) >= _shortest(name) and any(name in some for some in self.names):
                return name
        return ""


def _shortest(name: str) -> int:
    return SHORTEST_CHINESE if is_chinese(name) else SHORTEST_LATIN


def _latin(character: str) -> bool:
    return character.isascii() and character.isalnum()
