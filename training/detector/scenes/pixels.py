"""The real pixels that installed packages carry: handwritten digits and photographs.

Read from the packages' own folders: nothing here goes to the network.
"""

import hashlib
from importlib import resources
from importlib.resources.abc import Traversable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from sklearn.datasets import load_digits

from training.detector.scenes.glyph import BORDER

# Photographs only, and none with writing on it: a printed digit would be an object without a box.
TRAINING_PHOTOGRAPHS = (
    ("sklearn.datasets.images", "china.jpg"),
    *(
        ("skimage.data", name)
        for name in (
            "astronaut.png", "brick.png", "camera.png", "cell.png", "coffee.png", "coins.png",
            "grass.png", "hubble_deep_field.jpg", "ihc.png", "moon.png", "motorcycle_left.png",
            "retina.jpg",
        )
    ),
)  # fmt: skip
HELD_OUT_PHOTOGRAPHS = (
    ("sklearn.datasets.images", "flower.jpg"),
    ("skimage.data", "chelsea.png"),
    ("skimage.data", "gravel.png"),
    ("skimage.data", "rocket.jpg"),
)
# Every fifth digit is held out.
HELD_OUT_EVERY = 5
# Backgrounds are cut from the photographs and shrunk: more pixels than this would not be seen.
LONGEST_SIDE = 480


class Pixels(NamedTuple):
    """What scenes are made of.

    Attributes:
        digits: Grey, 8 x 8 pixels within a black border; ink is bright.
        labels: int64 [N], 0..9.
        photographs: RGB images.
    """

    digits: tuple[Image.Image, ...]
    labels: NDArray[np.int64]
    photographs: tuple[Image.Image, ...]

    def digest(self) -> str:
        """Return the SHA-256 of every pixel and label."""
        digest = hashlib.sha256(self.labels.tobytes())
        for image in (*self.digits, *self.photographs):
            digest.update(image.tobytes())
        return digest.hexdigest()


def load() -> tuple[Pixels, Pixels]:
    """Return the pixels for training and, without anything in common, those held out."""
    data = load_digits()
    grey = np.rint(data.images * (255 / 16)).astype(np.uint8)
    labels = data.target.astype(np.int64)
    held_out = np.arange(len(grey)) % HELD_OUT_EVERY == 0

    def part(chosen: NDArray[np.bool_], names: tuple[tuple[str, str], ...]) -> Pixels:
        digits = tuple(Image.fromarray(np.pad(digit, BORDER)) for digit in grey[chosen])
        return Pixels(digits, labels[chosen], _photographs(names))

    return part(~held_out, TRAINING_PHOTOGRAPHS), part(held_out, HELD_OUT_PHOTOGRAPHS)


def _photographs(names: tuple[tuple[str, str], ...]) -> tuple[Image.Image, ...]:
    return tuple(_photograph(_file(package, name)) for package, name in names)


def _file(package: str, name: str) -> Traversable:
    # The folder is asked of the parent: importing skimage.data would look for its downloader.
    parent, _, folder = package.rpartition(".")
    return resources.files(parent) / folder / name


def _photograph(file: Traversable) -> Image.Image:
    with file.open("rb") as stream:
        image = Image.open(stream).convert("RGB")
    image.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    return image
