"""The words of the page by key, and the checklist."""

from functools import cache
from pathlib import Path
from typing import Literal

import msgspec

from cdss.evaluation.report import TIER
from cdss.models.card import Text
from cdss.models.resident import RESIDENT

FOLDER = Path(__file__).parent


class Item(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One thing TRIPOD+AI asks for. `at`: a part of the page; `card`: a section of the card; `where`: elsewhere."""

    item: str
    state: Literal["yes", "part", "no"]
    zh: str
    en: str
    at: str = ""
    card: str = ""
    where: Text | None = None


@cache
def words() -> dict[str, dict[str, Text]]:
    """Kind -> key -> text."""
    return msgspec.yaml.decode((FOLDER / "words.yaml").read_bytes(), type=dict[str, dict[str, Text]])


@cache
def checklist(imaging: bool = False) -> list[Item]:
    """In the order of the statement; some items of imaging models are answered in another way."""
    items = msgspec.yaml.decode((FOLDER / "checklist.yaml").read_bytes(), type=list[Item])
    if not imaging:
        return items
    others = msgspec.yaml.decode((FOLDER / "checklist_imaging.yaml").read_bytes(), type=list[Item])
    instead = {item.item: item for item in others}
    return [instead.get(item.item, item) for item in items]


def word(kind: str, key: str) -> Text:
    """The text of a key; a key without one is shown as it is."""
    return words()[kind].get(key, Text(zh=key, en=key))


def metric(key: str) -> Text:
    """The name of a metric; the tier in its key stays visible."""
    return _with_tier("metrics", key)


def score(key: str) -> Text:
    """The name of a baseline; the tier in its key stays visible."""
    return _with_tier("scores", key)


def panel(model: str, name: str) -> Text:
    """What a tier of a model is; one that is not described by its name alone."""
    known = words()["panels"].get(f"{model}/{name}")
    return known or _tier(name)


def feature(key: str) -> Text:
    """The name of a feature, as residents' tables call it."""
    known = RESIDENT.get(key)
    if key in words()["features"] or known is None:
        return word("features", key)
    return Text(zh=known.zh, en=known.en)


def listed(texts: list[Text]) -> Text:
    """Several, as a list within a sentence."""
    return Text(zh="、".join(text.zh for text in texts), en=", ".join(text.en for text in texts))


def _with_tier(kind: str, key: str) -> Text:
    base = TIER.sub("", key)
    text, tier = word(kind, base), _tier(key[len(base) :].removeprefix("_"))
    return Text(zh=f"{text.zh}（{tier.zh}）", en=f"{text.en} ({tier.en})") if tier.en else text


def _tier(name: str) -> Text:
    """Of `tier_a`; empty stays empty."""
    letter = name.removeprefix("tier_")
    return Text(zh=f"{letter} 档", en=f"tier {letter}") if letter else Text(zh="", en="")
