"""Other views of a picture: a part of it or all of it from afar, mirrored, in another light."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageEnhance

from training.detector.example import Example

# Side of the window that is looked through, relative to the picture; beyond it lies grey.
WINDOW = (0.4, 1.4)
WHOLE_CHANCE = 0.3
MAX_STRETCH = 1.3
GREY = (127, 127, 127)
LIGHT = (0.7, 1.3)


def augment(
    rng: np.random.Generator,
    image: Image.Image,
    boxes: NDArray[np.float32],
    labels: NDArray[np.int64],
    size: int,
    *,
    flip: bool,
) -> Example:
    """Return a random view of a picture.

    An object stays if its centre is in view; its box is cut at the edge.

    Args:
        rng: Of all that is random.
        image: RGB.
        boxes: Corners [N, 4], relative.
        labels: [N].
        size: Side of the square result, in pixels.
        flip: Whether a mirrored object is still one of its class.
    """
    if rng.random() >= WHOLE_CHANCE:
        image, boxes, labels = look(image, boxes, labels, _window(rng))
    if flip and rng.random() < 0.5:
        image, boxes = mirror(image, boxes)
    image = image.resize((size, size), Image.Resampling.BILINEAR)
    for enhance in (ImageEnhance.Brightness, ImageEnhance.Contrast, ImageEnhance.Color):
        image = enhance(image).enhance(rng.uniform(*LIGHT))
    return Example(np.asarray(image), boxes, labels)


def _window(rng: np.random.Generator) -> NDArray[np.float64]:
    """Return the corners of the window, relative to the picture."""
    stretch = np.exp(rng.uniform(-1, 1) * np.log(MAX_STRETCH) / 2)
    sides = rng.uniform(*WINDOW) * np.array([stretch, 1 / stretch])
    low = rng.uniform(np.minimum(0, 1 - sides), np.maximum(0, 1 - sides))
    return np.concatenate([low, low + sides])


def look(
    image: Image.Image,
    boxes: NDArray[np.float32],
    labels: NDArray[np.int64],
    window: NDArray[np.float64],
) -> tuple[Image.Image, NDArray[np.float32], NDArray[np.int64]]:
    """Return what is seen through a window, given by its corners relative to the picture."""
    low, sides = window[:2], window[2:] - window[:2]
    centres = (boxes[:, :2] + boxes[:, 2:]) / 2
    inside = ((centres >= low) & (centres < window[2:])).all(axis=1)
    seen = (boxes[inside] - np.tile(low, 2)) / np.tile(sides, 2)
    width, height = image.size
    top, left, bottom, right = np.rint(window * (height, width, height, width)).astype(int)
    view = Image.new("RGB", (max(right - left, 1), max(bottom - top, 1)), GREY)
    view.paste(image, (-left, -top))
    return view, seen.clip(0, 1).astype(np.float32), labels[inside]


def mirror(
    image: Image.Image, boxes: NDArray[np.float32]
) -> tuple[Image.Image, NDArray[np.float32]]:
    """Exchange left and right."""
    top, left, bottom, right = boxes.T
    swapped = np.stack([top, 1 - right, bottom, 1 - left], axis=1)
    return image.transpose(Image.Transpose.FLIP_LEFT_RIGHT), swapped
