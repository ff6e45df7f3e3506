"""OpenVINO against onnxruntime on the shipped imaging nets, one after the other in the same run, one thread each."""

import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from cdss.models import fracture, lung_nodule, provider
from cdss.models.fracture.film import SIDE
from cdss.models.lung_nodule.stack import DEPTH

ROUNDS, WARM = 10, 2
NETS: dict[str, tuple[Any, str, tuple[int, ...]]] = {
    "fracture": (fracture, "film", (1, 1, SIDE, 640)),
    "lung_nodule": (lung_nodule, "stacks", (1, DEPTH, 400, 512)),
}


def imaging() -> dict[str, Any]:
    """Medians in ms by the clock and of the processor; `ratio_cpu` above 1: OpenVINO needs less of the processor."""
    return {name: _net(*given) for name, given in NETS.items()}


def _net(module: Any, given: str, shape: tuple[int, ...]) -> dict[str, Any]:
    path = Path(module.__file__).parent / "model.onnx"
    feeds = {given: np.random.default_rng(0).random(shape, np.float32)}
    told: dict[str, Any] = {}
    runs: dict[str, Callable[[], object]] = {}
    for name in provider.PROVIDERS:
        try:
            runs[name] = _run(provider.session(path, 1, name), feeds)
        except provider.ProviderUnavailable as e:
            told[name] = str(e)
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in runs}
    for turn in range(WARM + ROUNDS):
        for name, run in runs.items():
            wall, processor = time.perf_counter(), time.process_time()
            run()
            if turn >= WARM:
                times[name].append((time.perf_counter() - wall, time.process_time() - processor))
    for name, measured in times.items():
        wall, processor = (round(1000 * statistics.median(each), 1) for each in zip(*measured, strict=True))
        told[name] = {"wall_ms": wall, "cpu_ms": processor}
    if len(runs) == len(provider.PROVIDERS):
        told["ratio_cpu"] = round(told["cpu"]["cpu_ms"] / told["openvino"]["cpu_ms"], 2)
    return told


def _run(session: provider.Session, feeds: dict[str, Any]) -> Callable[[], object]:
    return lambda: session.run(None, feeds)
