"""Nodules made hollow: cavities are rare among the nodules of training, and a net that never saw one overlooks them."""

import math
from dataclasses import replace

import numpy as np
import torch
from torch.nn.functional import avg_pool2d, max_pool2d

from cdss.training.imaging.windows import Block

LEAST_MM = 7.0  # diameter from which a nodule is made hollow
WALL_MM = (1.5, 3.5)
AIR = (0.02, 0.12)  # of the lung window: -980 to -860 HU


def hollow(block: Block, generator: np.random.Generator) -> Block:
    """The same crop with air inside its nodule, up to a wall of even thickness; unchanged where it is too small."""
    inside = (block.agreed >= 0.5).float()[:, None]
    wall = max(1, round(generator.uniform(*WALL_MM) / block.pixel_mm))
    core = 1 - max_pool2d(1 - inside, 2 * wall + 1, 1, wall)
    soft = avg_pool2d(core, 3, 1, 1)[:, 0]
    return replace(block, lung=torch.lerp(block.lung, torch.tensor(generator.uniform(*AIR)).float(), soft))


def wide(block: Block) -> bool:
    """Whether the nodule is wide enough to be made hollow."""
    areas = (block.agreed >= 0.5).sum((1, 2))
    return bool(2 * math.sqrt(float(areas.max()) / math.pi) * block.pixel_mm >= LEAST_MM)
