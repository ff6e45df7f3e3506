"""Fractures of the limbs, hip and shoulder on a plain film: where, and whether there is one at all.

What the model is, was trained on and may be used for is in MODEL_CARD.yaml beside this file.
No training code is imported here.
"""

from cdss.models.fracture.film import UnreadableFilm
from cdss.models.fracture.reading import Fracture, load
from cdss.models.fracture.scope import OutOfScopeFilm

__all__ = ["Fracture", "OutOfScopeFilm", "UnreadableFilm", "load"]
