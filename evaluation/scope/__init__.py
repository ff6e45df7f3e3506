"""`cdss evaluate NAME --scope`: what an imaging model says of images that it is not for, and of those that it is for.

Films: unlikeness (training/imaging/scope.py) against the card's threshold. CTs: what models/lung_nodule finds and asks
of the lungs. Headers are not looked at here: serving refuses what they tell before any pixel is read.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from cdss.evaluation.scope import films, volumes

TABLES: dict[str, Callable[[Path | None], dict[str, Any]]] = {"fracture": films.table, "lung_nodule": volumes.table}
