"""What runs an imaging net: onnxruntime, or OpenVINO where its extra is installed; asked for by name, and proved.

OpenVINO is used by itself (package `openvino`). `onnxruntime-openvino` would put its files over those of `onnxruntime`
and fall back to another provider in silence. Nothing falls back here: what cannot run as asked is an error.
"""

import importlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, Protocol, get_args

from numpy.typing import NDArray

from cdss.models.artifact import cores
from cdss.models.artifact import session as on_onnxruntime

Provider = Literal["cpu", "openvino"]
PROVIDERS: tuple[Provider, ...] = get_args(Provider)

DEVICE = "CPU"
PRECISION = "f32"  # on some processors the default is bfloat16: faster, and other numbers than those evaluated
ONNXRUNTIME = "CPUExecutionProvider"


class ProviderUnavailable(RuntimeError):
    """The runtime that was asked for is not the one that would run."""


class Session(Protocol):
    """A loaded net."""

    def run(self, _: None, feeds: Mapping[str, NDArray[Any]], /) -> Sequence[NDArray[Any]]:
        """All outputs in the order of the graph."""


class OpenVino:
    """A net compiled by OpenVINO; may be asked by several threads at once."""

    def __init__(self, path: Path, threads: int | None = None) -> None:
        """Raises ProviderUnavailable if the extra is not installed, or OpenVINO cannot run this net as asked."""
        wanted = {
            "PERFORMANCE_HINT": "LATENCY",
            "NUM_STREAMS": 1,
            "INFERENCE_NUM_THREADS": threads or cores(),
            "INFERENCE_PRECISION_HINT": PRECISION,
        }
        openvino = _openvino()
        try:
            self.compiled = openvino.Core().compile_model(str(path), DEVICE, wanted)
        except RuntimeError as e:
            raise _refused(f"OpenVINO cannot run {path.parent.name}/{path.name} ({_last_line(e)})") from e
        devices = list(self.compiled.get_property("EXECUTION_DEVICES"))
        precision = self.compiled.get_property("INFERENCE_PRECISION_HINT").to_string()
        if (devices, precision) != ([DEVICE], PRECISION):
            raise _refused(
                f"OpenVINO runs {path.parent.name} on {', '.join(devices) or 'nothing'} in {precision}, "
                f"expected {DEVICE} in {PRECISION}"
            )

    def run(self, _: None, feeds: Mapping[str, NDArray[Any]], /) -> Sequence[NDArray[Any]]:
        """See Session."""
        told = self.compiled.create_infer_request().infer(dict(feeds))
        return [each.copy() for each in told.to_tuple()]


def session(path: Path, threads: int | None = None, provider: Provider = "cpu") -> Session:
    """The net in `path`, proved to run on `provider`. Raises ProviderUnavailable."""
    if provider == "openvino":
        return OpenVino(path, threads)
    loaded = on_onnxruntime(path, threads)
    if loaded.get_providers() != [ONNXRUNTIME]:
        raise _refused(f"onnxruntime runs {path.parent.name} on {loaded.get_providers()}, expected {ONNXRUNTIME}")
    told: Session = loaded
    return told


def check(provider: Provider) -> str:
    """Name and version of what would run. Raises ProviderUnavailable."""
    if provider == "openvino":
        return f"OpenVINO {_openvino().__version__.split('-')[0]}"
    import onnxruntime

    return f"onnxruntime {onnxruntime.__version__}"


def _openvino() -> Any:
    try:
        return importlib.import_module("openvino")
    except ImportError as e:
        raise _refused("OpenVINO is not installed", "install it (pip install 'wangdi-cdss[openvino]') or ") from e


def _refused(found: str, todo: str = "") -> ProviderUnavailable:
    return ProviderUnavailable(f"{found}; {todo}set CDSS_IMAGING_PROVIDER=cpu to use onnxruntime")


def _last_line(error: Exception) -> str:
    """OpenVINO tells where in its source it failed, and then why."""
    told = [line.strip(" -") for line in str(error).splitlines() if line.strip(" -")]
    return told[-1] if told else type(error).__name__
