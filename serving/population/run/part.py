"""One part of a run: a batch of residents scored, as the rows to be written, the faults, and the counts."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import polars as pl

from cdss.rules.pack import Pack
from cdss.serving.platform.config import Settings
from cdss.serving.platform.knowledge import in_force
from cdss.serving.platform.language import Lang
from cdss.serving.population.monitoring.tally import Tally, tally
from cdss.serving.population.output.frame import Reasons, frame
from cdss.serving.population.scoring.answers import HIGH
from cdss.serving.population.scoring.assess import Assessed, assess
from cdss.serving.population.scoring.risks import Risks

FAULTS = {"row": pl.Int64, "id": pl.String, "fault": pl.String}


@dataclass(frozen=True, slots=True)
class Options:
    """How a run is made. `day` is the day residents are assessed on; `keep`: put them on the worklist."""

    day: date
    lang: Lang
    reasons: Reasons = "all"
    keep: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """`rows` as `output.rows.HEADER`; `faults` by number of the row in the table (the first resident is row 1)."""

    rows: pl.DataFrame
    faults: pl.DataFrame
    counts: dict[str, int]
    failures: tuple[str, ...]  # rules that could not be run


@dataclass(frozen=True, slots=True)
class Scorer:
    """Models and knowledge, loaded once. `tally` counts what the models are asked and say, for runs that are kept."""

    risks: Risks
    pack: Pack
    tally: Tally

    @classmethod
    def at(cls, current: Settings, say: Callable[[str], None] | None = None) -> "Scorer":
        """Of this installation. Raises CardError or DigestMismatch if a model is not intact."""
        risks = Risks.at(current.state, current.residents_asian)
        return cls(risks, in_force(current, say), tally(risks.glass_boxes))

    def fresh(self) -> "Scorer":
        """This one, or with the site layers that were put in force since."""
        return replace(self, risks=self.risks.fresh())

    def assessed(self, batch: pl.DataFrame, options: Options) -> Assessed:
        """The batch, assessed; counted if it is kept."""
        return assess(batch, self.risks, self.pack, options.day, self.tally if options.keep else None)

    @property
    def digests(self) -> dict[str, str]:
        """What the answers depend on: knowledge, and the models with their site layers."""
        versions = self.risks.versions
        models = {m.card.name: f"{versions[m.card.name]} {m.card.digest}" for m in self.risks.glass_boxes}
        return {"knowledge": self.pack.digest, **models}


def part(assessed: Assessed, options: Options, first_row: int) -> Part:
    """What is to be written of a batch whose first resident is row `first_row` of the table."""
    faults = _faults(assessed, first_row)
    counts = {
        "residents": len(assessed),
        "faulty": len(faults),
        "high": int((assessed.tier == HIGH).sum()),
        "unanswered": int(np.all([~each.answered for each in assessed.answers], axis=0).sum()),
    }
    return Part(frame(assessed, options.lang, options.reasons), faults, counts, assessed.failures)


def _faults(assessed: Assessed, first_row: int) -> pl.DataFrame:
    said = assessed.frame.with_row_index("row", first_row).with_columns(
        pl.coalesce(pl.col("fault"), pl.col("lacks")).alias("fault")
    )
    return said.filter(pl.col("fault").is_not_null()).select(pl.col(name).cast(kind) for name, kind in FAULTS.items())


def added(counts: list[dict[str, int]]) -> dict[str, int]:
    """The counts of several parts together."""
    names = dict.fromkeys(name for each in counts for name in each)
    return {name: sum(each[name] for each in counts) for name in names}
