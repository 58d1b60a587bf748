"""The user's own pictures as a data set."""

import hashlib
from collections.abc import Iterator, Sequence
from functools import cached_property, lru_cache
from typing import overload

import numpy as np
from numpy.typing import NDArray

from training.detector.example import Example
from training.detector.pictures.augment import augment
from training.detector.pictures.listing import Listing, Picture
from training.detector.pictures.reading import read_picture

ORDER, VIEW = 3, 4


class Folder:
    """Pictures read from disk when asked for, each epoch in another order and view."""

    def __init__(self, listing: Listing, size: int, seed: int, *, flip: bool) -> None:
        """Prepare training pictures of `size` pixels square; held-out ones stay as they are."""
        self.labels = listing.labels
        self.max_objects = max(len(one.labels) for one in listing.training)
        self._listing, self._size, self._seed, self._flip = listing, size, seed, flip
        self._order = lru_cache(maxsize=2)(self._shuffled)

    @cached_property
    def digest(self) -> str:
        """Sha256 of the training pictures and of their annotations."""
        digest = hashlib.sha256(repr(self.labels).encode())
        for one in self._listing.training:
            digest.update(one.path.read_bytes() + one.boxes.tobytes() + one.labels.tobytes())
        return digest.hexdigest()

    def training(self, index: int) -> Example:
        """Return the view at this place of the training stream, always the same one."""
        epoch, place = divmod(index, len(self._listing.training))
        chosen = self._listing.training[self._order(epoch)[place]]
        rng = np.random.default_rng((VIEW, self._seed, index))
        image = read_picture(chosen.path, chosen.size)
        return augment(rng, image, chosen.boxes, chosen.labels, self._size, flip=self._flip)

    def held_out(self) -> Sequence[Example]:
        """Return the held-out pictures, in their own sizes."""
        return Pictures(self._listing.held_out)

    def _shuffled(self, epoch: int) -> NDArray[np.int64]:
        rng = np.random.default_rng((ORDER, self._seed, epoch))
        return rng.permutation(len(self._listing.training))


class Pictures(Sequence[Example]):
    """A sequence that reads each picture when it is asked for: they need not fit into memory."""

    def __init__(self, pictures: Sequence[Picture]) -> None:
        self._pictures = pictures

    def __len__(self) -> int:
        return len(self._pictures)

    @overload
    def __getitem__(self, place: int) -> Example: ...
    @overload
    def __getitem__(self, place: slice) -> "Pictures": ...
    def __getitem__(self, place: int | slice) -> "Example | Pictures":
        if isinstance(place, slice):
            return Pictures(self._pictures[place])
        chosen = self._pictures[place]
        image = read_picture(chosen.path, chosen.size)
        return Example(np.asarray(image), chosen.boxes, chosen.labels)

    def __iter__(self) -> Iterator[Example]:
        return (self[place] for place in range(len(self)))
