"""Pulmonary nodules on a chest CT: where, how large, how sure.

What the model is, was trained on and may be used for is in MODEL_CARD.yaml beside this file.
No training code is imported here.
"""

from cdss.models.lung_nodule.reading import LungNodule, load
from cdss.models.lung_nodule.scope import OutOfScopeVolume
from cdss.models.lung_nodule.volume import LungNotFound, UnreadableVolume

__all__ = ["LungNodule", "LungNotFound", "OutOfScopeVolume", "UnreadableVolume", "load"]
