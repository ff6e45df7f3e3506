"""The models that can be calibrated: the additive risk models, found by their folders."""

import importlib
from pathlib import Path

import cdss.models
from cdss.models.additive import Additive
from cdss.models.artifact import CARD_FILE

FOLDER = Path(cdss.models.__path__[0])


def names() -> list[str]:
    """Their names, alphabetically."""
    found = sorted(path.parent.name for path in FOLDER.glob(f"*/{CARD_FILE}"))
    return [name for name in found if hasattr(importlib.import_module(f"cdss.models.{name}"), "TIERS")]


def model(name: str) -> Additive:
    """One of them, loaded. Raises CardError or DigestMismatch; KeyError for another name."""
    if name not in names():
        raise KeyError(name)
    loaded: Additive = importlib.import_module(f"cdss.models.{name}").load()
    return loaded
