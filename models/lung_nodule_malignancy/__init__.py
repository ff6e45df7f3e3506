"""How malignant radiologists would rate a pulmonary nodule: their opinion, not pathology.

It stands beside the guideline's rule of size and never instead of it. What the model is, was trained on and may be used
for is in MODEL_CARD.yaml beside this file. No training code is imported here.
"""

from cdss.models.lung_nodule_malignancy.reading import Malignancy, load

__all__ = ["Malignancy", "load"]
