"""Colours for classes that can be told apart, and the ink that can be read on them."""

import zlib
from collections.abc import Iterable, Iterator

Colour = tuple[int, int, int]

BLACK: Colour = (0, 0, 0)
WHITE: Colour = (255, 255, 255)

# Far from each other, and bright enough to stand out from the dark lines beside them.
PALETTE: tuple[Colour, ...] = (
    *((255, 60, 90), (60, 190, 80), (255, 225, 25), (0, 140, 230)),
    *((245, 130, 48), (170, 80, 230), (70, 240, 240), (240, 50, 230)),
    *((220, 190, 255), (170, 110, 40), (170, 255, 195), (150, 150, 0)),
)


def colours(entities: Iterable[str]) -> dict[str, Colour]:
    """Choose a colour for each class of a picture.

    A class has the same colour in every picture, unless another class of the picture has it
    already: no two classes share one as long as the palette has colours left.
    """
    chosen: dict[str, Colour] = {}
    for entity in sorted(set(entities)):
        wanted = list(_by_preference(entity))
        free = (colour for colour in wanted if colour not in chosen.values())
        chosen[entity] = next(free, wanted[0])
    return chosen


def ink(ground: Colour) -> Colour:
    """Return black or white, whichever stands out more from a ground (WCAG 2's contrast)."""
    return max(BLACK, WHITE, key=lambda colour: contrast(colour, ground))


def contrast(one: Colour, other: Colour) -> float:
    """Return the contrast of two colours by WCAG 2, from 1 to 21; 4.5 can be read well."""
    darker, brighter = sorted((_luminance(one), _luminance(other)))
    return (brighter + 0.05) / (darker + 0.05)


def _by_preference(entity: str) -> Iterator[Colour]:
    first = zlib.crc32(entity.encode()) % len(PALETTE)
    yield from PALETTE[first:]
    yield from PALETTE[:first]


def _luminance(colour: Colour) -> float:
    red, green, blue = (_linear(part / 255) for part in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)
