"""Asking a model: here in this process, or (imaging_client.py) in the imaging process, with the same answers."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import msgspec
from numpy.typing import NDArray

from cdss.models import artifact, fracture, lung_nodule, lung_nodule_malignancy
from cdss.models.applicability import NotApplicable
from cdss.models.card import Card, CardError
from cdss.models.finding import FilmReading, Nodule, VolumeReading
from cdss.models.provider import Provider, check
from cdss.serving.pacs.decode.sandbox import Interrupted, Sandbox, decode_slices
from cdss.serving.pacs.reasons import Unreadable, refuse


class Unavailable(RuntimeError):
    """No model answered: missing, not intact, dead or too slow. Nothing is known about the images."""


class ModelRef(msgspec.Struct, frozen=True):
    """Which model said it."""

    name: str
    version: str
    digest: str


class Rating(msgspec.Struct, frozen=True):
    """How probably readers would call each nodule of a reading malignant, in its order; None where nothing is known."""

    model: ModelRef
    probabilities: tuple[float | None, ...]


class VolumeAnswer(msgspec.Struct, frozen=True):
    """A volume read, in indices of that volume. `rating` is None where nothing was found, or its model is not there."""

    model: ModelRef
    reading: VolumeReading
    rating: Rating | None = None


class FilmAnswer(msgspec.Struct, frozen=True):
    """A film read, in pixels of that film."""

    model: ModelRef
    reading: FilmReading


class Detector(Protocol):
    """Reads stored images. Both methods raise Unreadable (the images are at fault) or Unavailable (they are not)."""

    def volume(self, slices: Sequence[Path], spacing_mm: tuple[float, float, float]) -> VolumeAnswer:
        """Nodules in a CT: its files in order of height, spacing between slices, rows, columns."""

    def film(self, path: Path) -> FilmAnswer:
        """Fractures on one film."""


class LocalDetector:
    """The models in this process, each loaded when first asked; the nets that find run on `runs_on`."""

    def __init__(self, threads: int | None = None, runs_on: Provider = "cpu") -> None:
        self.threads, self.runs_on = threads, runs_on
        self.loaded: dict[str, Any] = {}

    def start(self) -> None:
        """Refuse to start on another runtime than the one asked for. A missing model is told study by study."""
        if self.runs_on != "cpu":
            with suppress(Unavailable):
                self.prove()

    def prove(self) -> str:
        """What runs, by name and version: both nets are loaded. Raises ProviderUnavailable, or Unavailable."""
        for name, load in FINDERS.items():
            self._model(name, partial(load, runs_on=self.runs_on))
        return check(self.runs_on)

    def volume(self, slices: Sequence[Path], spacing_mm: tuple[float, float, float]) -> VolumeAnswer:
        """See Detector."""
        model = self._model("lung_nodule", partial(lung_nodule.load, runs_on=self.runs_on))
        try:
            volume = decode_slices(slices, artifact.cores())
            reading = model.detect(volume, spacing_mm)
            return VolumeAnswer(_ref(model.card), reading, self._rating(volume, spacing_mm, reading.findings))
        except NotApplicable as e:
            raise _outside(e) from e
        except lung_nodule.UnreadableVolume as e:
            raise refuse("model_cannot_read", fault=e) from e
        except Interrupted as e:
            raise Unavailable(str(e)) from e

    def _rating(
        self, volume: NDArray[Any], spacing_mm: tuple[float, float, float], nodules: Sequence[Nodule]
    ) -> Rating | None:
        """What was found is told without a rating too, when its model is missing or not intact."""
        if not nodules:
            return None
        try:
            model = self._model("lung_nodule_malignancy", lung_nodule_malignancy.load)
        except Unavailable:
            return None
        return Rating(_ref(model.card), tuple(model.rate(volume, spacing_mm, nodules)))

    def film(self, path: Path) -> FilmAnswer:
        """See Detector."""
        model = self._model("fracture", partial(fracture.load, runs_on=self.runs_on))
        try:
            with Sandbox() as sandbox:
                pixels = sandbox.decode(path, "film")
            return FilmAnswer(_ref(model.card), model.detect(pixels))
        except NotApplicable as e:
            raise _outside(e) from e
        except fracture.UnreadableFilm as e:
            raise refuse("model_cannot_read", fault=e) from e
        except Interrupted as e:
            raise Unavailable(str(e)) from e

    def _model(self, name: str, load: Callable[..., Any]) -> Any:
        if name not in self.loaded:
            try:
                self.loaded[name] = load(threads=self.threads)
            except (CardError, artifact.DigestMismatch) as e:
                raise Unavailable(str(e)) from e
        return self.loaded[name]


FINDERS: dict[str, Callable[..., Any]] = {"lung_nodule": lung_nodule.load, "fracture": fracture.load}


def _outside(error: NotApplicable) -> Unreadable:
    """The model's own words; its code stands in the table of reasons."""
    return refuse(error.code, zh=error.text.zh, en=error.text.en)


def _ref(card: Card) -> ModelRef:
    return ModelRef(card.name, card.version, card.digest)
