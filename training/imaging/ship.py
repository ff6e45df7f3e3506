"""From a trained net to what is shipped: an ONNX file proved equal to it, and its card."""

import datetime
import warnings
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import mlflow
import msgspec
import numpy as np
import onnx
import torch
import yaml
from numpy.typing import NDArray
from torch import nn

from cdss.evaluation.html.page import write_beside
from cdss.evaluation.report import Report, to_card
from cdss.models.artifact import CARD_FILE, digest, session
from cdss.models.card import Card, Data, Threshold, read
from cdss.training import tracking

ARTIFACT = "model.onnx"
HALVED = 1024  # numbers; smaller weights are not worth a node of the graph
TEXTS = Path(__file__).parent.parent / "cards"


def export(
    net: nn.Module, example: torch.Tensor, path: Path, given: str, told: dict[str, dict[int, str]], axes: dict[int, str]
) -> None:
    """Write `net` as ONNX. `given` is the input's name and `axes` its free axes; `told` the same for each output.

    The tracing exporter is used: the newer one needs a further package and gains these nets nothing.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        torch.onnx.export(
            net.cpu().eval(),
            (example,),
            path,
            input_names=[given],
            output_names=list(told),
            dynamic_axes={given: axes, **told},
            opset_version=17,
            dynamo=False,
        )


def rounded(net: nn.Module) -> nn.Module:
    """The net, its convolutions' weights rounded to 16 bits, in place: what is proved is what is shipped."""
    with torch.no_grad():
        for part in net.modules():
            if isinstance(part, nn.Conv2d):
                part.weight.copy_(part.weight.half().float())
    return net


def halve(path: Path) -> None:
    """Store every weight that 16 bits hold exactly in 16 bits; the runtime widens them again when it loads the file."""
    model = onnx.load(path)
    casts, graph = [], model.graph
    for weight in graph.initializer:
        values = onnx.numpy_helper.to_array(weight)
        if values.dtype == np.float32 and values.size >= HALVED and (values == values.astype(np.float16)).all():
            name = weight.name
            weight.CopyFrom(onnx.numpy_helper.from_array(values.astype(np.float16), f"{name}.half"))
            casts.append(onnx.helper.make_node("Cast", [f"{name}.half"], [name], to=onnx.TensorProto.FLOAT))
    nodes = [*casts, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)
    onnx.checker.check_model(model)
    onnx.save(model, path)


class ParityFailure(AssertionError):
    """Torch and the ONNX file differ; the file must not be shipped."""


@torch.no_grad()
def parity(
    net: nn.Module, path: Path, given: str, inputs: Iterable[NDArray[np.float32]], most: dict[str, float]
) -> dict[str, float]:
    """The largest difference of each output between torch and the ONNX file, over all inputs (each one batch).

    `most` names the outputs in order and how far each may differ; ParityFailure if one differs by more.
    """
    shipped = session(path)
    worst: list[float] = []
    for each in inputs:
        wanted = [part.numpy() for part in net(torch.from_numpy(each))]
        found = shipped.run(None, {given: each})
        differences = [float(np.abs(a - b).max()) for a, b in zip(wanted, found, strict=True)]
        worst = [max(pair) for pair in zip(worst, differences, strict=True)] if worst else differences
    found_by_name = dict(zip(most, worst, strict=True))
    if not all(found_by_name[name] <= most[name] for name in most):  # nan is no proof either
        raise ParityFailure(f"found differences {found_by_name}, expected at most {most}")
    return {f"parity_{name}": value for name, value in found_by_name.items()}


def write_card(
    folder: Path,
    name: str,
    version: str,
    data: list[Data],
    thresholds: list[Threshold],
    reports: list[Report],
    companions: Sequence[str] = (),
) -> Card:
    """Write and return the card of the artifact in `folder`; words from training/cards, numbers from `reports`.

    `companions` are the further files of the model; with reports, the page of them is written and named as well.
    """
    texts = yaml.safe_load((TEXTS / f"{name}.yaml").read_text(encoding="utf-8"))
    facts = {
        "name": name,
        "version": version,
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "artifact": ARTIFACT,
        "digest": digest(folder / ARTIFACT),
        "data": msgspec.to_builtins(data),
        "thresholds": msgspec.to_builtins(thresholds),
        "evaluations": [to_card(report) for report in reports],
        "companions": {each: digest(folder / each) for each in companions},
    }
    card = msgspec.convert(facts | _filled(texts, _numbers(reports)), Card, str_keys=True)
    card = write_beside(folder, card, reports)
    words = yaml.safe_dump(msgspec.to_builtins(card), allow_unicode=True, sort_keys=False, width=120)
    (folder / CARD_FILE).write_text(words, encoding="utf-8")
    return card


def publish(folder: Path, out: Path, measured: dict[str, float], checkpoints: Iterable[Path]) -> None:
    """Log the artifact, all its files and what was measured, then put them into `out`, the card last.

    The checkpoints go with the run, so that the next training starts anew.
    """
    mlflow.log_metrics(measured)
    tracking.publish(folder, (ARTIFACT, *read(folder / CARD_FILE).companions, CARD_FILE), out)
    for checkpoint in checkpoints:
        mlflow.log_artifact(str(checkpoint))
        checkpoint.unlink()


class _Numbers(dict[str, str]):
    """Measured numbers by name; one that was not measured is said to be so."""

    def __missing__(self, key: str) -> str:
        return "(not measured)"


def _numbers(reports: list[Report]) -> _Numbers:
    """Of the first report by their names, of the others after the name of their split."""
    numbers = _Numbers()
    for place, report in enumerate(reports):
        before = f"{report.split}_" if place else ""
        numbers |= {f"{before}n": str(report.n), f"{before}events": str(report.events)}
        for name, metric in report.metrics.items():
            within = " (95 % interval {:.3f} to {:.3f})".format(*metric.ci95) if metric.ci95 else ""
            numbers[before + name] = f"{metric.value:.3f}{within}"
    return numbers


def _filled(value: Any, numbers: _Numbers) -> Any:
    """`{name}` in every text replaced by the number of that name."""
    if isinstance(value, str):
        return value.format_map(numbers)
    if isinstance(value, dict):
        return {key: _filled(item, numbers) for key, item in value.items()}
    if isinstance(value, list):
        return [_filled(item, numbers) for item in value]
    return value
