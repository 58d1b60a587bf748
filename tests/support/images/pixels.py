"""The pixels of a picture that was decoded, and how far they are from others."""

import numpy as np

from headrace.images import decode

MAX_PIXELS = 25_000_000


def pixels_of(data: bytes, **options: object) -> np.ndarray:
    image = decode(data, max_pixels=MAX_PIXELS, **options)
    assert image.mode == "RGB"
    return np.asarray(image)


def difference(one: np.ndarray, other: np.ndarray) -> float:
    assert one.shape == other.shape
    return float(np.abs(one.astype(float) - other).mean())
