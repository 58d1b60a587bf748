"""Default boxes: where the network looks, at which sizes and shapes."""

import numpy as np
from numpy.typing import NDArray

from training.detector.presets import NetworkSpec

SCALES_PER_LEVEL = 2


def boxes_per_cell(spec: NetworkSpec) -> int:
    """Return the number of default boxes that share one centre."""
    return SCALES_PER_LEVEL * len(spec.ratios)


def default_boxes(spec: NetworkSpec) -> NDArray[np.float32]:
    """Return the default boxes of every level, in the order of the network's outputs.

    Each level has its own size and, as in the SSD paper, the geometric mean of that and the
    next level's. A ratio changes the shape and keeps the area.

    Returns:
        [A, 4]: centre y, centre x, height, width, relative to the image; not clipped to it.
    """
    sizes = np.geomspace(*spec.scale_range, spec.levels)
    step = sizes[1] / sizes[0]
    levels = [
        _level(spec.image_size // stride, (size, size * step**0.5), spec.ratios)
        for stride, size in zip(spec.strides, sizes, strict=True)
    ]
    return np.concatenate(levels).astype(np.float32)


def _level(
    cells: int, sizes: tuple[float, float], ratios: tuple[float, ...]
) -> NDArray[np.float64]:
    shapes = np.array([(s / r**0.5, s * r**0.5) for s in sizes for r in ratios])
    centres = (np.arange(cells) + 0.5) / cells
    y, x = np.meshgrid(centres, centres, indexing="ij")
    grid = np.stack([y, x], axis=-1).reshape(-1, 1, 2).repeat(len(shapes), axis=1)
    tiled = np.broadcast_to(shapes, grid.shape)
    return np.concatenate([grid, tiled], axis=-1).reshape(-1, 4)
