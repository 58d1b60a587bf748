"""One picture and what is on it; what every data set gives."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray


class Example(NamedTuple):
    """A picture with its objects.

    Attributes:
        image: uint8 [H, W, 3], RGB.
        boxes: float32 [N, 4], corners (ymin, xmin, ymax, xmax) relative to the image.
        labels: int64 [N], positions in the data set's `labels`.
    """

    image: NDArray[np.uint8]
    boxes: NDArray[np.float32]
    labels: NDArray[np.int64]


class DataSet(Protocol):
    """A data set, already divided into what is trained on and what is held out."""

    @property
    def labels(self) -> tuple[str, ...]:
        """The class names."""

    @property
    def max_objects(self) -> int:
        """The most objects on one picture of this set."""

    @property
    def digest(self) -> str:
        """Sha256 of what the pictures are made of."""

    def training(self, index: int) -> Example:
        """Return the picture at this place of the endless training stream.

        The same index gives the same pixels on every call, in any order, from any thread: a
        resumed run goes on with the very pictures that it would have seen.
        """

    def held_out(self) -> Sequence[Example]:
        """Return the pictures for evaluation; none of their parts is in the training stream."""
