"""All models a resident is scored with, loaded once."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from cdss.models import bp_control, ckd_alert, diabetes_incident_cn, diabetes_screen
from cdss.models.additive import Additive
from cdss.models.equations.points import Score, score
from cdss.rules.alert import Text
from cdss.serving.population.calibration import in_force
from cdss.serving.population.calibration.in_force import Layered, Layers
from cdss.serving.population.scoring import additive, equations
from cdss.serving.population.scoring.additive import Watch, unwatched
from cdss.serving.population.scoring.answers import Answers, Columns, Mask

CHINESE = ("ncdrs", "diabetes_incident_cn")  # made for Chinese residents: they decide whether a test is due
SCREEN = "diabetes_screen"


def _glass_boxes() -> tuple[Additive, ...]:
    return tuple(each.load() for each in (diabetes_incident_cn, diabetes_screen, bp_control, ckd_alert))


@dataclass(frozen=True)
class Risks:
    """`asian`: whether the residents are of Asian descent, which the models trained on Americans ask.

    `glass_boxes` are the models with a card; `site` is what this installation has calibrated of them, if anything.
    """

    asian: bool = True
    glass_boxes: tuple[Additive, ...] = field(default_factory=_glass_boxes)
    ncdrs: Score = field(default_factory=lambda: score("ncdrs"))
    site: Layers | None = None

    @classmethod
    def at(cls, state: Path, asian: bool) -> "Risks":
        """The models as calibrated by the installation whose state is kept there."""
        made = cls(asian)
        return replace(made, site=in_force.load(state, made.glass_boxes))

    def fresh(self) -> "Risks":
        """These, or with the layers that were put in force since."""
        now = self.site.fresh() if self.site else None
        return self if now is self.site else replace(self, site=now)

    @cached_property
    def layers(self) -> Mapping[str, Layered]:
        """Every model with its layer of this site."""
        return self.site.of if self.site else in_force.shipped(self.glass_boxes)

    @property
    def versions(self) -> dict[str, str]:
        """By model, the version that answers carry: its layer is part of it."""
        return {name: layered.version for name, layered in self.layers.items()}

    @property
    def titles(self) -> dict[str, Text]:
        """What the models are called."""
        named = {made.card.name: Text(made.card.title.zh, made.card.title.en) for made in self.glass_boxes}
        return named | equations.TITLES | {self.ncdrs.name: Text(self.ncdrs.title.zh, self.ncdrs.title.en)}

    def answers(self, columns: Columns, watch: Watch = unwatched) -> tuple[Answers, ...]:
        """Every model's answers for the same residents."""
        known = {**columns, "asian": np.full(len(columns["age"]), float(self.asian))}
        boxes = (additive.answers(made, self.layers[made.card.name], known, watch) for made in self.glass_boxes)
        return (
            equations.ncdrs(self.ncdrs, known),
            *boxes,
            equations.cardiovascular(known),
            equations.hypertension_risk(known),
        )

    def diabetes_flagged(self, answers: tuple[Answers, ...]) -> tuple[Mask, Mask]:
        """(n,) whether a test for diabetes is due, and (n,) of whom that is known.

        Decided by the scores made for Chinese residents. The screening model was trained on Americans and
        under-predicts in Asians: it decides beside them once this site has calibrated it, before that only where
        neither of the others could answer.
        """
        by_name = {each.model: each for each in answers}
        screen, calibrated = by_name[SCREEN], self.layers[SCREEN].calibrated
        deciding = [by_name[name] for name in (*CHINESE, *((SCREEN,) if calibrated else ()))]
        decided = np.any([each.answered for each in deciding], axis=0)
        flagged = np.any([each.flagged for each in deciding], axis=0)
        return np.where(decided, flagged, screen.flagged), decided | screen.answered
