"""Annotated pictures of the user's, whatever format the annotations are in."""

import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

# If a data set has no validation part of its own, one picture in five is held out.
from headrace.errors import HeadraceError

HELD_OUT_EVERY = 5


class DatasetError(HeadraceError):
    """The data set cannot be read; the message names the file and what is wrong with it."""


class Picture(NamedTuple):
    """A picture on disk.

    Attributes:
        path: JPEG, PNG or whatever else Pillow reads.
        boxes: float32 [N, 4], corners relative to the picture.
        labels: int64 [N], positions in the listing's labels.
    """

    path: Path
    boxes: NDArray[np.float32]
    labels: NDArray[np.int64]


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
        DatasetError: The file is not there, or the size is not one.
    """
    if not path.is_file():
        raise DatasetError(f"{path}: no such picture")
    if min(size) <= 0:
        raise DatasetError(f"{path}: annotated with a size of {size[1]} x {size[0]}")
    boxes = np.array(corners, np.float64).reshape(-1, 4) / (*size, *size)
    boxes = boxes.clip(0, 1)
    sound = (boxes[:, 2:] > boxes[:, :2]).all(axis=1)
    return Picture(path, boxes[sound].astype(np.float32), np.array(labels, np.int64)[sound])


def divide(labels: tuple[str, ...], pictures: Sequence[Picture]) -> Listing:
    """Hold out every fifth picture or so, the same ones whatever else the folder holds."""
    held_out = [zlib.crc32(p.path.name.encode()) % HELD_OUT_EVERY == 0 for p in pictures]
    return listing(
        labels,
        [p for p, out in zip(pictures, held_out, strict=True) if not out],
        [p for p, out in zip(pictures, held_out, strict=True) if out],
    )


def listing(
    labels: tuple[str, ...], training: Sequence[Picture], held_out: Sequence[Picture]
) -> Listing:
    """Check the two parts of a data set and put them together.

    Raises:
        DatasetError: One of them is empty, or shows nothing.
    """
    for name, part in (("training", training), ("held-out", held_out)):
        if not any(len(one.labels) for one in part):
            raise DatasetError(f"no objects on the {len(part)} {name} pictures")
    return Listing(labels, tuple(training), tuple(held_out))
