"""Photographs that installed packages carry, on which imported detectors are tried."""

import io
from importlib import resources
from typing import NamedTuple

import numpy as np
from PIL import Image

from models.detector.preparation import Pixels


class Photograph(NamedTuple):
    """A picture inside a package, and by how much it is reduced."""

    package: str
    path: str
    reduction: int = 1


# A person, a cat, a cup, a temple and a flower, in five sizes. The first goes along in the version:
# small, because it is decoded at every start, and with many things on it.
PHOTOGRAPHS = (
    Photograph("skimage", "data/astronaut.png", 2),
    Photograph("skimage", "data/chelsea.png"),
    Photograph("skimage", "data/coffee.png"),
    Photograph("sklearn", "datasets/images/china.jpg"),
    Photograph("sklearn", "datasets/images/flower.jpg"),
)


def golden_images() -> list[Pixels]:
    """Return the photographs, uint8 [H, W, 3]."""
    return [read(photograph) for photograph in PHOTOGRAPHS]


def read(photograph: Photograph) -> Pixels:
    """Read one photograph, uint8 [H, W, 3]."""
    # The folder is asked of the parent: importing skimage.data would look for its downloader.
    data = resources.files(photograph.package).joinpath(photograph.path).read_bytes()
    with Image.open(io.BytesIO(data)) as image:
        return np.asarray(image.convert("RGB").reduce(photograph.reduction))
