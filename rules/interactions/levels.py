"""Which part of an interaction holds for two medicines, and which worse parts could, had more been told."""

from typing import NamedTuple

from cdss.rules.alert import RANK
from cdss.rules.interactions.conditions import Asked
from cdss.rules.interactions.part import Interaction, Part


class Level(NamedTuple):
    """`part` holds. `open`: worse parts whose conditions depend on something not told. `asked`: the tests made."""

    interaction: Interaction
    part: Part
    open: tuple[Part, ...] = ()
    asked: Asked | None = None


def certain(interaction: Interaction) -> Level:
    """What holds whatever was told."""
    return Level(interaction, interaction.certain)


def level_of(interaction: Interaction, asked: Asked) -> Level:
    """The first part whose conditions are true, in the order of the table; else the one that always holds.

    A part whose conditions are unknown does not hold, but stays open if it is worse than the one that does.
    """
    unknown: list[Part] = []
    holding = interaction.certain
    for part in interaction.conditional:
        truth = asked.holds(part.when)
        if truth:
            holding = part
            break
        if truth is None:
            unknown.append(part)
    return Level(
        interaction, holding, tuple(part for part in unknown if RANK[part.severity] < RANK[holding.severity]), asked
    )
