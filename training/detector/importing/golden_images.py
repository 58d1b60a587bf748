"""Photographs that installed packages carry, on which imported detectors are tried."""

import io
from importlib import resources

import numpy as np
from PIL import Image

from models.detector.preparation import Pixels

# A person, a cat, a cup, a temple and a flower, in five sizes. The first goes along in the version:
# small, because it is decoded at every start, and with many things on it. The folder is asked of
# the parent: importing skimage.data would look for its downloader.
_FILES = (
    ("skimage", "data/astronaut.png", 2),
    ("skimage", "data/chelsea.png", 1),
    ("skimage", "data/coffee.png", 1),
    ("sklearn", "datasets/images/china.jpg", 1),
    ("sklearn", "datasets/images/flower.jpg", 1),
)


def golden_images() -> list[Pixels]:
    """The photographs, uint8 [H, W, 3]."""
    return [_read(*file) for file in _FILES]


def _read(package: str, path: str, reduction: int) -> Pixels:
    data = resources.files(package).joinpath(path).read_bytes()
    with Image.open(io.BytesIO(data)) as image:
        return np.asarray(image.convert("RGB").reduce(reduction))
