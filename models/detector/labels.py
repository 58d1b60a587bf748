"""Labels of boxes: a field with the class, beside it a field with the score, and a place for both.

Two fields, as "9 94 %" in one could be read as 994 %.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import ImageFont

Rectangle = tuple[float, float, float, float]
"""Left, top, right, bottom, in pixels."""

_FONT_SIZE, _LEAST_FONT_SIZE = 14.0, 8.0


class Label(NamedTuple):
    """A label that has its place. Class and score stand side by side, and are equally high."""

    entity: str
    score: str
    entity_field: Rectangle
    score_field: Rectangle


class Labeller:
    """Finds places for the labels of a picture.

    Args:
        size: Width and height of the picture, in pixels.

    Attributes:
        font: What the labels are written in.
        padding: Pixels between a field's left edge and its text.
        leaves_a_picture: Whether there is more of the picture than a label hides.
    """

    def __init__(self, size: tuple[int, int]) -> None:
        self._width, self._height = size
        # A large picture will be seen scaled down, and a label must leave a tiny one to be seen.
        font_size = max(_FONT_SIZE, max(size) / 60)
        font_size = max(_LEAST_FONT_SIZE, min(font_size, min(size) / 4))
        self.font = ImageFont.load_default(font_size)
        self.padding = font_size / 3
        self._label_height = font_size + 2 * self.padding
        self.leaves_a_picture = 2 * self._label_height < self._height
        self._taken: NDArray[np.float64] = np.empty((0, 4))

    def place(self, box: Rectangle, entity: str, score: float) -> Label:
        """Place a label at a box: above it, else below its upper edge, else under it.

        The label stays inside the picture. It covers labels that have their place already only
        if every place does.
        """
        percent = f"{score:.0%}".replace("%", " %")
        score_width = self._field_width(percent)
        entity = self._shortened(entity, self._width - score_width)
        entity_width = self._field_width(entity) if entity else 0.0
        left, top = self._free_place(box, entity_width + score_width)
        middle, bottom = left + entity_width, top + self._label_height
        self._taken = np.vstack([self._taken, (left, top, middle + score_width, bottom)])
        return Label(
            entity,
            percent,
            (left, top, middle, bottom),
            (middle, top, middle + score_width, bottom),
        )

    def _field_width(self, text: str) -> float:
        return self.font.getlength(text) + 2 * self.padding

    def _shortened(self, entity: str, width: float) -> str:
        if self._field_width(entity) <= width:
            return entity
        while entity and self._field_width(f"{entity}…") > width:
            entity = entity[:-1]
        return f"{entity}…"

    def _free_place(self, box: Rectangle, width: float) -> tuple[float, float]:
        left, top, right, bottom = box
        height = self._label_height
        places = [
            (max(0.0, min(x, self._width - width)), max(0.0, min(y, self._height - height)))
            for y in (top - height, top, bottom, bottom - height)
            for x in (left, right - width)
        ]
        return places[int(np.argmin(self._covered(places, width)))]

    def _covered(self, places: Sequence[tuple[float, float]], width: float) -> NDArray[np.float64]:
        """Return how many square pixels of other labels each place covers."""
        starts = np.array(places)[:, None]
        ends = starts + np.array([width, self._label_height])
        first, last = self._taken[:, :2], self._taken[:, 2:]
        sides = np.maximum(0.0, np.minimum(ends, last) - np.maximum(starts, first))
        covered: NDArray[np.float64] = sides.prod(axis=2).sum(axis=1)
        return covered
