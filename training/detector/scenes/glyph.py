"""One handwritten digit of 8 x 8 pixels, drawn at any size, angle and slant."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

# A digit fills the 8 rows of its picture; the border lets the interpolation fade out.
ROWS, BORDER = 8, 2
# Larger angles would make a 6 of a 9.
MAX_ANGLE = np.radians(15)
MAX_SLANT = 0.2
ASPECTS = (0.85, 1.2)
# Where ink begins, in the interpolated picture (0..1).
EDGES = (0.35, 0.5)
SOFTNESS = (0.2, 0.6)
# The box goes around what is at least half ink.
BOXED_INK = 0.5


class Glyph(NamedTuple):
    """A drawn digit, cut to its box: ink [H, W] in 0..1."""

    ink: NDArray[np.float32]

    @property
    def extent(self) -> tuple[int, int]:
        """Height and width in pixels."""
        height, width = self.ink.shape
        return height, width


def draw(rng: np.random.Generator, digit: Image.Image, height: float) -> Glyph:
    """Draw a digit about `height` pixels high, randomly turned, slanted and stretched.

    Args:
        rng: Of all that is random.
        digit: 8 x 8 pixels, grey, within a black border of `BORDER` pixels.
        height: In pixels.
    """
    side = int(np.ceil(height * 1.7))
    affine = _affine(rng, height / ROWS, side)
    grey = digit.transform((side, side), Image.Transform.AFFINE, affine, Image.Resampling.BICUBIC)
    edge, softness = rng.uniform(*EDGES), rng.uniform(*SOFTNESS)
    ink = np.array(grey, np.float32)
    ink *= 1 / (255 * softness)
    ink += 0.5 - edge / softness
    return Glyph(_cut(np.clip(ink, 0, 1, out=ink)))


def _affine(rng: np.random.Generator, scale: float, side: int) -> tuple[float, ...]:
    """Return the map from drawn pixels to the digit's own, as Pillow takes it."""
    angle = rng.uniform(-MAX_ANGLE, MAX_ANGLE)
    slant = rng.uniform(-MAX_SLANT, MAX_SLANT)
    across, down = 1 / (scale * rng.uniform(*ASPECTS)), 1 / scale
    # The inverse of turn @ slant @ stretch.
    cos, sin = math.cos(angle), math.sin(angle)
    a, b = (cos + slant * sin) * across, (sin - slant * cos) * across
    c, d = -sin * down, cos * down
    middle, half = ROWS / 2 + BORDER, side / 2
    return a, b, middle - (a + b) * half, c, d, middle - (c + d) * half


def _cut(ink: NDArray[np.float32]) -> NDArray[np.float32]:
    solid = ink >= BOXED_INK
    rows, columns = np.flatnonzero(solid.any(axis=1)), np.flatnonzero(solid.any(axis=0))
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
