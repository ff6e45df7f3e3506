"""Connected components of a volume, in numpy: labels sink to the smallest index they can reach."""

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]
Labels = NDArray[np.int64]


def label(mask: Mask) -> Labels:
    """Components by shared faces: the flat index of a component's first voxel, -1 outside; any number of axes."""
    index = np.arange(mask.size).reshape(mask.shape)
    root = np.where(mask, index, mask.size).ravel()
    pairs = [_touching(index, mask, axis) for axis in range(mask.ndim)]
    first = np.concatenate([pair[0] for pair in pairs])
    second = np.concatenate([pair[1] for pair in pairs])
    while len(first):
        low = np.minimum(root[first], root[second])
        np.minimum.at(root, root[first], low)
        np.minimum.at(root, root[second], low)
        root = _flattened(root)
        apart = root[first] != root[second]
        first, second = first[apart], second[apart]
    return np.where(mask.ravel(), root, -1).reshape(mask.shape)


def _touching(index: Labels, mask: Mask, axis: int) -> tuple[Labels, Labels]:
    """Flat indices of neighbours along an axis that are both inside."""
    here, there = [slice(None)] * mask.ndim, [slice(None)] * mask.ndim
    here[axis], there[axis] = slice(None, -1), slice(1, None)
    both = mask[tuple(here)] & mask[tuple(there)]
    return index[tuple(here)][both], index[tuple(there)][both]


def _flattened(root: Labels) -> Labels:
    """Every label replaced by the end of its chain."""
    size = len(root)
    chain = np.append(root, size)
    while not np.array_equal(further := chain[chain], chain):
        chain = further
    return chain[:size]
