"""All models a resident is scored with, loaded once."""

from dataclasses import dataclass, field

import numpy as np

from cdss.models import diabetes_incident_cn, diabetes_screen
from cdss.models.additive import Additive
from cdss.models.equations.points import Score, score
from cdss.rules.alert import Text
from cdss.serving.population.scoring import additive, equations
from cdss.serving.population.scoring.answers import Answers, Columns, Mask

CHINESE = ("ncdrs", "diabetes_incident_cn")  # made for Chinese residents: they decide whether a test is due
SCREEN = "diabetes_screen"


@dataclass(frozen=True, slots=True)
class Risks:
    """`asian`: whether the residents are of Asian descent, which the screening model asks."""

    asian: bool = True
    ncdrs: Score = field(default_factory=lambda: score("ncdrs"))
    incident: Additive = field(default_factory=diabetes_incident_cn.load)
    screen: Additive = field(default_factory=diabetes_screen.load)

    @property
    def glass_boxes(self) -> tuple[Additive, ...]:
        """The models with a card."""
        return (self.incident, self.screen)

    @property
    def titles(self) -> dict[str, Text]:
        """What the models are called."""
        named = {made.card.name: Text(made.card.title.zh, made.card.title.en) for made in self.glass_boxes}
        return named | equations.TITLES | {self.ncdrs.name: Text(self.ncdrs.title.zh, self.ncdrs.title.en)}

    def answers(self, columns: Columns) -> tuple[Answers, ...]:
        """Every model's answers for the same residents."""
        known = {**columns, "asian": np.full(len(columns["age"]), float(self.asian))}
        return (
            equations.ncdrs(self.ncdrs, known),
            *(additive.answers(made, known) for made in self.glass_boxes),
            equations.cardiovascular(known),
            equations.hypertension_risk(known),
        )


def diabetes_flagged(answers: tuple[Answers, ...]) -> tuple[Mask, Mask]:
    """(n,) whether a test for diabetes is due, and (n,) of whom that is known.

    Decided by the scores made for Chinese residents. The screening model was trained on Americans and under-predicts in
    Asians: it decides only where neither of the others could answer.
    """
    by_name = {each.model: each for each in answers}
    chinese = [by_name[name] for name in CHINESE]
    decided = np.any([each.answered for each in chinese], axis=0)
    flagged = np.any([each.flagged for each in chinese], axis=0)
    screen = by_name[SCREEN]
    return np.where(decided, flagged, screen.flagged), decided | screen.answered
