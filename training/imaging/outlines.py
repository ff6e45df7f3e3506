"""Fits the numbers of models/lung_nodule/outline.py to what the readers of lidc_crops put inside, folds 0 to 3.

`python -m cdss.training.imaging.outlines` prints the lines that stand there, in about three minutes on one core. To be
run again when a net with other diameters is shipped: once for GROWTH and FACTOR, and with these in place for WEIGHTS.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import typer
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from cdss.datasets import lidc
from cdss.evaluation.measurement import Found, consensus, found, largest
from cdss.models import lung_nodule
from cdss.models.lung_nodule.measure import axes
from cdss.models.lung_nodule.outline import WEIGHTS, evidence
from cdss.models.lung_nodule.pictures import at

FOLDS = (0, 1, 2, 3)
DRAWN = 250  # px of a slice
SEED = 20261125
SHIFT = 0.4  # of the intercept: at the logit's own boundary diameters of these folds come out too small
Floats = NDArray[np.float32]
Example = tuple[lidc.Crop, NDArray[np.bool_], Found]


def main(data: Path | None = None) -> None:
    """Print the fitted numbers."""
    model = lung_nodule.load()
    examples = [
        (crop, agreed, hit)
        for crop in lidc.crops(data, FOLDS)
        if (agreed := consensus(crop)).any() and (hit := found(model, crop, agreed))
    ]
    growth, factor = expected(examples)
    typer.echo(f"{len(examples)} nodules\nGROWTH, FACTOR = {growth:.3f}, {factor:.3f}")
    for inside in (False, True):
        if not inside or any(hit.inside for _, _, hit in examples):
            weights = {name: round(weight, 2) for name, weight in fitted(examples, inside).items()}
            typer.echo(f"{inside}: {weights}")


def expected(examples: Sequence[Example]) -> tuple[float, float]:
    """How the readers' diameter grows with the net's: a straight line between their logarithms."""
    nets = [hit.peak.diameter_mm for _, _, hit in examples]
    readers = [np.mean(axes(agreed[largest(agreed)], crop.pixel_mm)) for crop, agreed, _ in examples]
    slope, level = np.polyfit(np.log(nets), np.log(readers), 1)
    return float(slope), float(np.exp(level))


def fitted(examples: Sequence[Example], inside: bool) -> dict[str, float]:
    """Weights of a logistic regression of pixels on the pictures of their nodule."""
    names = [name for name in WEIGHTS[inside] if name != "one"]
    generator = np.random.default_rng(SEED)
    drawn = [pixels for each in examples for pixels in _pixels(each, names, inside, generator)]
    scaler = StandardScaler()
    seen = scaler.fit_transform(np.concatenate([each[0] for each in drawn]))
    line = LogisticRegression(max_iter=300).fit(seen, np.concatenate([each[1] for each in drawn]))
    weights = line.coef_[0] / scaler.scale_
    one = float(line.intercept_[0] - weights @ scaler.mean_) + SHIFT
    return {"one": one, **dict(zip(names, weights.tolist(), strict=True))}


def _pixels(
    example: Example, names: list[str], inside: bool, generator: np.random.Generator
) -> Iterator[tuple[Floats, NDArray[np.bool_]]]:
    """Pictures (DRAWN, names) and consensus (DRAWN,) of pixels in the nodule's slices: its largest, and another."""
    crop, agreed, hit = example
    spacing = (crop.thick_mm, crop.pixel_mm, crop.pixel_mm)
    slice_, row, column = (mm / step for mm, step in zip(hit.peak.place, spacing, strict=True))
    said = hit.inside if inside else ()
    grid, _, seen = evidence(lidc.hounsfield(crop), spacing, (slice_, row, column), hit.peak.diameter_mm, said)
    truth = at(agreed[grid.slices].astype(np.float32), grid.rows, grid.columns) > 0.5
    for number in {int(np.abs(grid.slices - largest(agreed)).argmin()), int(generator.integers(len(truth)))}:
        some = generator.choice(truth[number].size, DRAWN, replace=False)
        yield np.stack([seen[name][number].ravel()[some] for name in names], 1), truth[number].ravel()[some]


if __name__ == "__main__":
    main()
