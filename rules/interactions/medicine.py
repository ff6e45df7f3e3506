"""A medicine as the pairs of a request see it: what each of its pairs needs, put together once."""

from cdss.rules.alert import Traced
from cdss.rules.asking.context import Taken
from cdss.rules.asking.words import drug_name
from cdss.rules.interactions.part import Interaction


class Medicine:
    """`ids` of its ingredients, `only` where it is one; `key` is the same for the same medicine ordered twice; `known`
    is how it was mapped."""

    __slots__ = ("ids", "key", "known", "name", "only", "order", "systemic", "taken")

    def __init__(self, taken: Taken) -> None:
        drug = taken.drug
        self.taken = taken
        self.order = taken.order
        self.ids = tuple(ingredient.id for ingredient in drug.ingredients)
        self.only = self.ids[0] if len(self.ids) == 1 else ""
        self.key = "/".join(sorted(self.ids))
        self.name = drug_name(drug)
        self.systemic = drug.systemic
        self.known = ", ".join(f"{i.en} ({' '.join(i.atc)})" if i.atc else i.en for i in drug.ingredients)

    def traced(self, interaction: Interaction) -> Traced:
        """What it was taken to be, since the pair was found by that."""
        fact = "ordered" if self.order is not None else "taken already"
        test = f"{self.known}: {interaction.a} + {interaction.b}"
        return Traced(fact, self.taken.drug.text, "", None, test, "true")

    def is_only(self, ingredient: str) -> bool:
        """Whether it is this ingredient alone, for the whole body, so that another could replace it as such."""
        return self.systemic and self.ids == (ingredient,)
