"""What was asked to run the imaging nets is what runs them, or nothing starts."""

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from cdss.models import fracture, lung_nodule, provider
from cdss.models.lung_nodule.stack import DEPTH
from cdss.models.provider import OpenVino, ProviderUnavailable
from cdss.serving.pacs.detect import LocalDetector

NODULE_NET = Path(lung_nodule.__file__).parent / "model.onnx"
MOST = {
    "fracture": (1e-4, 1e-4, 0.05, 0.05),
    "lung_nodule": (1e-4, 0.01),
}  # by output; found 1e-6, 1e-6, 4e-4; 1e-6, 4e-5


class Core:
    """Stands in for OpenVINO: says that it runs on `device` in `precision`, or cannot run the net."""

    def __init__(self, device: str = "CPU", precision: str = "f32", error: str = "") -> None:
        self.device, self.precision, self.error = device, precision, error

    def compile_model(self, path: str, device: str, wanted: dict[str, Any]) -> Any:
        if self.error:
            raise RuntimeError(self.error)
        told = {
            "EXECUTION_DEVICES": [self.device],
            "INFERENCE_PRECISION_HINT": SimpleNamespace(to_string=lambda: self.precision),
        }
        return SimpleNamespace(get_property=told.__getitem__)


@pytest.fixture
def openvino(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Makes a stand-in for the package."""

    def make(**told: str) -> None:
        module = SimpleNamespace(Core=lambda: Core(**told), __version__="2026.4.1-22982")
        monkeypatch.setitem(sys.modules, "openvino", module)

    return make


@pytest.fixture
def absent(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the extra were not installed."""
    monkeypatch.setitem(sys.modules, "openvino", None)


@pytest.mark.usefixtures("absent")
@pytest.mark.parametrize(
    "ask",
    [
        lambda: provider.check("openvino"),
        lambda: provider.session(NODULE_NET, 1, "openvino"),
        lambda: lung_nodule.load(runs_on="openvino"),
        lambda: LocalDetector(1, "openvino").prove(),
        lambda: LocalDetector(1, "openvino").start(),
    ],
)
def test_without_the_extra_it_is_an_error_that_says_what_to_do(ask: Any) -> None:
    with pytest.raises(ProviderUnavailable, match=r"^OpenVINO is not installed; install it") as error:
        ask()
    assert str(error.value).endswith("or set CDSS_IMAGING_PROVIDER=cpu to use onnxruntime")


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"device": "GPU"}, "OpenVINO runs lung_nodule on GPU in f32, expected CPU in f32"),
        ({"precision": "bf16"}, "OpenVINO runs lung_nodule on CPU in bf16, expected CPU in f32"),
        (
            {"error": "Exception from core.cpp:132:\nSummary:\n-- Conversion is failed for: Unsqueeze-17\n"},
            r"OpenVINO cannot run lung_nodule/model\.onnx \(Conversion is failed for: Unsqueeze-17\)",
        ),
    ],
)
def test_another_device_or_precision_than_asked_for_is_an_error(
    told: dict[str, str], words: str, openvino: Any
) -> None:
    openvino(**told)
    with pytest.raises(ProviderUnavailable, match=words):
        OpenVino(NODULE_NET, 1)


def test_what_runs_as_asked_is_named(openvino: Any) -> None:
    openvino()
    OpenVino(NODULE_NET, 1)
    assert provider.check("openvino") == "OpenVINO 2026.4.1"


def test_the_default_is_onnxruntime_on_the_processor() -> None:
    assert LocalDetector(1).prove().startswith("onnxruntime ")


def test_a_runtime_that_fell_back_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    fallen = SimpleNamespace(get_providers=lambda: ["OpenVINOExecutionProvider", "CPUExecutionProvider"])
    monkeypatch.setattr(provider, "on_onnxruntime", lambda *_: fallen)
    with pytest.raises(ProviderUnavailable, match="expected CPUExecutionProvider"):
        provider.session(NODULE_NET, 1)


@pytest.mark.parametrize(("model", "most"), MOST.items())
def test_openvino_answers_what_onnxruntime_does(model: str, most: tuple[float, ...]) -> None:
    pytest.importorskip("openvino", reason="the extra `openvino` is not installed")
    generator = np.random.default_rng(0)
    given: dict[str, np.ndarray] = {
        "fracture": {"film": generator.random((1, 1, 320, 256), np.float32)},
        "lung_nodule": {"stacks": generator.random((1, DEPTH, 96, 128), np.float32)},
    }[model]
    path = Path({"fracture": fracture, "lung_nodule": lung_nodule}[model].__file__).parent / "model.onnx"
    plain, other = (provider.session(path, 1, name).run(None, given) for name in provider.PROVIDERS)
    assert len(plain) == len(other)
    for one, two, least in zip(plain, other, [*most, *[0.05] * len(plain)], strict=False):
        np.testing.assert_allclose(one, two, rtol=1e-4, atol=least)
