"""The ids by which an answer names the orders of a request."""

from collections.abc import Iterable
from itertools import count


def numbered(told: Iterable[str | None]) -> list[str]:
    """Each order's own id, else its place, counted from 1; where that is taken, a number beyond all places."""
    own = list(told)
    taken = set(own)
    spare = (number for n in count(len(own) + 1) if (number := str(n)) not in taken)
    return [id or (str(place) if str(place) not in taken else next(spare)) for place, id in enumerate(own, 1)]
