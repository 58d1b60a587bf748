"""From the pixels of an image to the input of a network."""

import numpy as np
import numpy.typing as npt

from models.detector.spec import DetectorSpec
from models.detector.suppression import Floats, Indices

Pixels = npt.NDArray[np.uint8]


def prepare(image: Pixels, spec: DetectorSpec) -> npt.NDArray[np.generic]:
    """Make the network's input.

    Args:
        image: uint8 [H, W, 3].
        spec: What the network takes.

    Returns:
        [1, height, width, 3], of the network's type, size and range.

    Raises:
        ValueError: The image has another type or shape, or no pixels.
    """
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3 or not image.size:
        raise ValueError(f"not an RGB image of 8 bits: {image.dtype} {list(image.shape)}")
    pixels = _resize(image, spec)[np.newaxis]
    if spec.input_dtype == "uint8":
        return np.rint(pixels).astype(np.uint8)
    low, high = spec.input_range
    pixels *= np.float32((high - low) / 255)
    if low:
        pixels += np.float32(low)
    return pixels


def _resize(image: Pixels, spec: DetectorSpec) -> Floats:
    if spec.input_size is None or spec.input_size == image.shape[:2]:
        return image.astype(np.float32)
    height, width = spec.input_size
    if not spec.antialias:
        return bilinear(image, height, width)
    from PIL import Image  # noqa: PLC0415 - only such networks need it

    resized = Image.fromarray(image).resize((width, height), Image.Resampling.BILINEAR)
    return np.asarray(resized, np.float32)


def bilinear(image: Pixels, height: int, width: int) -> Floats:
    """Resize as `tf.image.resize` does: half-pixel centres, four neighbours, no anti-aliasing.

    Args:
        image: uint8 [H, W, 3].
        height: Rows of the result.
        width: Columns of the result.

    Returns:
        float32 [height, width, 3] in 0…255.
    """
    upper, lower, down = _neighbours(height, image.shape[0])
    left, right, across = _neighbours(width, image.shape[1])
    channels = np.arange(3)
    left, right = ((side[:, np.newaxis] * 3 + channels).ravel() for side in (left, right))
    across = np.repeat(across, 3)
    rows = image.reshape(image.shape[0], -1)

    def along(chosen: Indices) -> Floats:
        row = rows[chosen]
        # mode="clip" spares numpy a checked copy; the indices are within bounds anyway.
        start = row.take(left, axis=1, mode="clip").astype(np.float32)
        end = np.subtract(row.take(right, axis=1, mode="clip"), start)
        return _blend(start, end, across)

    top, bottom = along(upper), along(lower)
    bottom -= top
    return _blend(top, bottom, down[:, np.newaxis]).reshape(height, width, 3)


def _blend(start: Floats, step: Floats, share: Floats) -> Floats:
    """Return `start + step * share`, in the memory of `step`: new memory costs more than sums."""
    step *= share
    step += start
    return step


def _neighbours(count: int, size: int) -> tuple[Indices, Indices, Floats]:
    """Return the two pixels nearest to each of `count` points along `size`, and how far between."""
    centres = (np.arange(count, dtype=np.float32) + 0.5) * np.float32(size / count) - 0.5
    centres = centres.clip(0, size - 1)
    first = centres.astype(np.intp)
    return first, np.minimum(first + 1, size - 1), (centres - first).astype(np.float32)
