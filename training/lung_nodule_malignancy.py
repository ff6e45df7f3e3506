"""`cdss train lung_nodule_malignancy`: rated LIDC-IDRI crops -> five nets, one for each fold left out -> ONNX, card."""

import dataclasses
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits as cross_entropy

from cdss import models
from cdss.datasets import lidc
from cdss.datasets.lidc_ratings import Ratings, ratings
from cdss.datasets.source import digest, folder_of
from cdss.evaluation import lung_nodule_malignancy as evaluation
from cdss.evaluation.metrics import logistic
from cdss.evaluation.ranking import auc
from cdss.evaluation.ratings.given import given
from cdss.models.card import Data
from cdss.training import tracking
from cdss.training.imaging import loop, ship
from cdss.training.imaging.loop import Plan, halves
from cdss.training.imaging.rated import Batch, Rated, batches, rated
from cdss.training.imaging.ratinggraph import AT_ONCE, Shipped, export, proof, viewed
from cdss.training.imaging.ratingnet import CELL, RatingNet

Events = NDArray[np.bool_]
Folds = NDArray[np.intp]

NAME, VERSION = "lung_nodule_malignancy", "0.1.0"
EPOCHS, STEPS, NODULES = 8, 64, 32  # nodules of a batch
RATE, DECAY, AVERAGING = 2e-3, 0.05, 0.99
BESIDE_WEIGHT = 0.3  # of each other rating, and of the diameter
INSIDE_WEIGHT = 0.3  # of the outline
TYPICAL_CELLS = 60  # of an outline and its surroundings, so that its loss is near those of the ratings
PARITY = 5e-5  # float32 rounds


def train(data: Path | None, out: Path | None, epochs: int = EPOCHS, steps: int = STEPS) -> None:
    """Train a net without each fold of patients, write model.onnx and MODEL_CARD.yaml to `out`."""
    crops, said = lidc.crops(data), ratings(data)
    whole = digest(lidc.CROPS, folder_of(lidc.CROPS, data))
    plan = Plan(
        epochs=epochs, steps=steps, rates={"": RATE}, decay=DECAY, averaging=AVERAGING, check_every=epochs, warm=0.1
    )
    with tracking.run(NAME, dataclasses.asdict(plan) | {"batch": NODULES, lidc.CROPS.name: whole}):
        nets = fitted(plan, crops, said)
        split = "five nets, each fitted on four folds of patients and checked on the fifth"
        source = Data(
            name=lidc.CROPS.name, licence=lidc.CROPS.licence, citation=lidc.CITATION, digest=whole, split=split
        )
        ship_it(nets, crops, said, source, data, out or Path(models.__file__).parent / NAME)


def fitted(plan: Plan, crops: list[lidc.Crop], said: dict[str, Ratings]) -> list[RatingNet]:
    """The trained, averaged nets; each has not seen the fold of its number."""
    source = rated(crops, said)
    folds = np.asarray([crop.fold for crop in crops])
    named = ~source.ratings[:, 0].isnan().numpy()
    return [_one(plan, fold, crops, said, source, np.flatnonzero(named & (folds != fold))) for fold in evaluation.FOLDS]


def _one(
    plan: Plan, fold: int, crops: list[lidc.Crop], said: dict[str, Ratings], source: Rated, rows: NDArray[np.intp]
) -> RatingNet:
    """The net that sees `rows` and not `fold`."""
    held = [crop for crop in crops if crop.fold == fold]
    plan = dataclasses.replace(plan, seed=plan.seed + fold)
    torch.manual_seed(plan.seed)
    net = loop.fit(
        RatingNet().to(memory_format=torch.channels_last),  # type: ignore[call-overload]
        plan,
        lambda epoch: batches(source, rows, plan.steps, NODULES, np.random.default_rng((plan.seed, epoch))),
        losses,
        lambda net: checked(net, fold, held, said),
        checkpoint_of(fold),
    )
    assert isinstance(net, RatingNet)
    return net.cpu()


def checkpoint_of(fold: int) -> Path:
    """Where the training without this fold is kept between epochs."""
    return loop.checkpoint_of(f"{NAME}-{fold}")


def losses(net: nn.Module, batch: Batch) -> dict[str, Tensor]:
    """Cross entropy with the readers' mean rating, from 0 to 1; the other ratings, diameter and outline beside it."""
    place = loop.device()
    slices, inside, wanted, width, weight = (part.to(place) for part in batch)
    with torch.autocast(place.type, torch.bfloat16, enabled=halves()):
        told = net(slices)
    each = cross_entropy(told.ratings, wanted.nan_to_num(), reduction="none") * ~wanted.isnan() * weight[:, None]
    drawn = nn.functional.avg_pool2d(inside.flatten(0, 1)[:, None], CELL)
    outline = cross_entropy(told.inside.float(), drawn, reduction="none").sum((1, 2, 3)).mean()
    return {
        "malignancy": each[:, 0].mean(),
        "ratings": BESIDE_WEIGHT * each[:, 1:].mean(0).sum(),
        "width": BESIDE_WEIGHT * (told.width - width).abs().mean(),
        "inside": INSIDE_WEIGHT * outline / TYPICAL_CELLS,
    }


def checked(net: nn.Module, fold: int, held: list[lidc.Crop], said: dict[str, Ratings]) -> dict[str, float]:
    """How the net ranks the malignant nodules of the fold that it has not seen; nan where nothing can be ranked."""
    judged = [crop for crop in held if said[crop.name].malignant is not None]
    events = np.asarray([said[crop.name].malignant for crop in judged], bool)
    found = auc(logits(net, np.stack([given(crop)[0] for crop in judged])), events) if judged else float("nan")
    return {f"valid_auc_fold_{fold}": found}


@torch.no_grad()
def logits(net: nn.Module, windows: NDArray[np.float32]) -> NDArray[np.float64]:
    """(n,) the net's logit of malignancy, as it is shipped."""
    net = net.cpu().eval()
    parts = [viewed(net, part) for part in torch.split(torch.from_numpy(windows), AT_ONCE)]
    told: NDArray[np.float64] = torch.cat(parts).double().numpy()
    return told


def calibrated(
    nets: list[RatingNet], seen: NDArray[np.float32], size: NDArray[np.float32], events: Events, folds: Folds
) -> NDArray[np.float64]:
    """(nets, 3) logistic regression of the event on logit and log diameter: for each net on the other folds.

    There each nodule has the logit of the net that has not seen it. So no line is fitted on the nodules that it is
    judged on, nor on logits of nodules that a net was fitted on. `seen` (n, DEPTH, SIDE, SIDE), `size` (n,) mm.
    """
    own, log = np.empty(len(seen)), np.log(size).astype(np.float64)
    for fold, net in zip(evaluation.FOLDS, nets, strict=True):
        own[folds == fold] = logits(net, seen[folds == fold])
    return np.stack([line(*(part[folds != fold] for part in (events, own, log))) for fold in evaluation.FOLDS])


def line(events: Events, own: NDArray[np.float64], size: NDArray[np.float64]) -> NDArray[np.float64]:
    """Constant and weights of logit and log diameter; by the logit alone, or as it is, where there is no such line."""
    for scores in ((own, size), (own,)):
        found = logistic(events.astype(np.int64), *scores)
        if not np.isnan(found).any():
            return np.pad(found, (0, 3 - len(found)))
    return np.asarray([0.0, 1.0, 0.0])


def ship_it(
    nets: list[RatingNet], crops: list[lidc.Crop], said: dict[str, Ratings], source: Data, data: Path | None, out: Path
) -> None:
    """Calibrate, export, prove on every nodule with a verdict, evaluate, write the card."""
    judged = [crop for crop in crops if said[crop.name].malignant is not None]
    windows, diameters = zip(*map(given, judged), strict=True)
    seen, size = np.stack(windows), np.asarray(diameters, np.float32)
    events, folds = (np.asarray(part) for part in zip(*((said[c.name].malignant, c.fold) for c in judged), strict=True))
    shipped = Shipped(nets, calibrated(nets, seen, size, events, folds)).eval()
    folder = tracking.home() / "built" / NAME
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / ship.ARTIFACT
    export(shipped, path)
    off = proof(shipped, path, seen, size, PARITY)
    ship.write_card(folder, NAME, VERSION, [source], [], [])
    report = evaluation.evaluate(data, "cv", folder)
    ship.write_card(folder, NAME, VERSION, [source], [], [report])
    measured = {f"shipped_{name}": metric.value for name, metric in report.metrics.items()}
    ship.publish(folder, out, measured | off, [checkpoint_of(fold) for fold in evaluation.FOLDS])
