"""Annotated pictures of the user's, whatever format the annotations are in."""

import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from training.detector.pictures.reading import DatasetError, check_size, upright_size

# If a data set has no validation part of its own, one picture in five is held out.
HELD_OUT_EVERY = 5


class Picture(NamedTuple):
    """A picture on disk.

    Attributes:
        path: JPEG, PNG, WebP or GIF: what the detector takes when it serves.
        boxes: float32 [N, 4], corners relative to the picture.
        labels: int64 [N], positions in the listing's labels.
        size: Height and width in pixels, as it is annotated and looked at: turned upright.
    """

    path: Path
    boxes: NDArray[np.float32]
    labels: NDArray[np.int64]
    size: tuple[int, int]


class Listing(NamedTuple):
    """A data set: class names, and the pictures of its two parts."""

    labels: tuple[str, ...]
    training: tuple[Picture, ...]
    held_out: tuple[Picture, ...]


def picture(
    path: Path, corners: Sequence[Sequence[float]], labels: Sequence[int], size: tuple[int, int]
) -> Picture:
    """Make a picture from corners in pixels; empty boxes are left out.

    Args:
        path: Where it is.
        corners: (ymin, xmin, ymax, xmax) of each object, in pixels.
        labels: Class of each object.
        size: Height and width in pixels.

    Raises:
        DatasetError: The file is not there or of another size, or the size is not one.
    """
    if not path.is_file():
        raise DatasetError(f"{path}: no such picture")
    if min(size) <= 0:
        raise DatasetError(f"{path}: annotated with a size of {size[1]} x {size[0]}")
    check_size(path, upright_size(path), size)
    boxes = np.array(corners, np.float64).reshape(-1, 4) / (*size, *size)
    boxes = boxes.clip(0, 1)
    sound = (boxes[:, 2:] > boxes[:, :2]).all(axis=1)
    return Picture(path, boxes[sound].astype(np.float32), np.array(labels, np.int64)[sound], size)


def divide(labels: tuple[str, ...], pictures: Sequence[Picture]) -> Listing:
    """Hold out every fifth picture or so, the same ones whatever else the folder holds.

    In a folder of a few pictures, none of those may show an object, or all of them: then the one
    nearest to being held out, or nearest to not being so, changes sides.

    Raises:
        DatasetError: There are not two pictures with objects.
    """
    shown = [one for one in pictures if len(one.labels)]
    if len(shown) < 2:
        raise DatasetError(
            f"objects on {len(shown)} of {len(pictures)} pictures: at least 2 are needed, one to"
            " learn from and one to hold out"
        )
    held_out = {one.path for one in pictures if _place(one) == 0}
    if not any(one.path in held_out for one in shown):
        held_out.add(min(shown, key=_place).path)
    elif all(one.path in held_out for one in shown):
        held_out.remove(max(shown, key=_place).path)
    return listing(
        labels,
        [one for one in pictures if one.path not in held_out],
        [one for one in pictures if one.path in held_out],
    )


def _place(one: Picture) -> int:
    """Return where a picture stands by its name: 0 is held out."""
    return zlib.crc32(one.path.name.encode()) % HELD_OUT_EVERY


def listing(
    labels: tuple[str, ...], training: Sequence[Picture], held_out: Sequence[Picture]
) -> Listing:
    """Check the two parts of a data set and put them together.

    Raises:
        DatasetError: One of them is empty, or shows nothing.
    """
    for name, part in (("training", training), ("held-out", held_out)):
        if not any(len(one.labels) for one in part):
            raise DatasetError(
                f"no objects on the {len(part)} {name} pictures: at least 1 is needed"
            )
    return Listing(labels, tuple(training), tuple(held_out))
