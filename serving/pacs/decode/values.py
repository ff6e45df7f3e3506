"""From stored numbers to what they mean: Hounsfield units of a CT slice, grey values of a film with bone bright."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.pixels import apply_modality_lut, apply_voi_lut

from cdss.serving.pacs.reasons import refuse

AIR, DENSEST = -1024, 3071  # HU of a 12 bit CT; scanners write -2000 or -3024 outside their field of view

Stored = NDArray[Any]


def hounsfield(dataset: Dataset, stored: Stored) -> NDArray[np.int16]:
    """A slice (row, column) in HU. Padding and all below air become air; above `DENSEST` is metal and clipped."""
    _check_grey(dataset, stored)
    values = np.asarray(apply_modality_lut(stored, dataset), np.float32)
    values[padding(dataset, stored)] = AIR
    units: NDArray[np.int16] = np.rint(values.clip(AIR, DENSEST)).astype(np.int16)
    return units


def film(dataset: Dataset, stored: Stored) -> NDArray[np.float32]:
    """A film (row, column): modality LUT, then the first VOI LUT or window, MONOCHROME1 inverted, padding darkest."""
    _check_grey(dataset, stored)
    outside = padding(dataset, stored)
    values = np.asarray(apply_voi_lut(apply_modality_lut(stored, dataset), dataset, index=0), np.float32)
    if inverted(dataset):
        values = values.max() + values.min() - values
    if outside.any() and not outside.all():
        values[outside] = values[~outside].min()
    return values


def inverted(dataset: Dataset) -> bool:
    """True if low values are to be shown bright. The two attributes say the same thing once, PS3.3 section C.11.6."""
    photometric, shape = dataset.get("PhotometricInterpretation"), dataset.get("PresentationLUTShape")
    return bool(photometric == "MONOCHROME1" or shape == "INVERSE")


def padding(dataset: Dataset, stored: Stored) -> NDArray[np.bool_]:
    """Where the stored values are padding: the value, or the range up to its limit, PS3.3 section C.7.5.1.1.2."""
    value = _as_stored(dataset.get("PixelPaddingValue"), stored)
    if value is None:
        return np.zeros(stored.shape, bool)
    limit = _as_stored(dataset.get("PixelPaddingRangeLimit"), stored)
    low, high = sorted((value, value if limit is None else limit))
    inside: NDArray[np.bool_] = (stored >= low) & (stored <= high)
    return inside


def _as_stored(value: Any, stored: Stored) -> int | None:
    """Devices write 63536 for -2000 in a signed image: the same sixteen bits, read with the wrong sign."""
    if value is None or isinstance(value, bytes):
        return None
    number = int(value)
    if stored.dtype.kind == "i" and number > np.iinfo(stored.dtype).max:
        return number - (1 << (8 * stored.dtype.itemsize))
    return number


def _check_grey(dataset: Dataset, stored: Stored) -> None:
    if stored.ndim != 2 or not str(dataset.get("PhotometricInterpretation", "")).startswith("MONOCHROME"):
        raise refuse("not_monochrome", found=dataset.get("PhotometricInterpretation") or "?")
