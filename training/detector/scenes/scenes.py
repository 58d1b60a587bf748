"""Scenes: handwritten digits set into photographs, with the boxes that follow from the ink."""

from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from training.detector.example import Example
from training.detector.scenes import pixels
from training.detector.scenes.glyph import Glyph, draw

MAX_DIGITS = 5
# A digit's height, relative to the scene.
HEIGHTS = (0.2, 0.65)
# The most of a smaller box that may lie under another digit's.
MAX_COVER = 0.15
PLACEMENTS = 20
# The least difference in brightness (0..1) between a digit and the photograph around it.
CONTRAST = 0.35
BLUR_CHANCE, MAX_BLUR = 0.5, 1.0
TWIG_CHANCE = 0.2
MAX_NOISE = 6.0
# Streams of random numbers that never meet.
TRAINING, HELD_OUT = 1, 2

Box = tuple[int, int, int, int]
Picture = NDArray[np.float32]


class Scenes:
    """The data set that ships with the tool: composed when asked for, from installed pixels."""

    labels = tuple("0123456789")
    max_objects = MAX_DIGITS

    def __init__(self, size: int, seed: int, held_out: int) -> None:
        """Prepare scenes of `size` pixels square, `held_out` of them for evaluation.

        The held-out scenes do not depend on the seed: the results of two seeds compare.
        """
        self.size, self.seed, self.count = size, seed, held_out
        self._training, self._held_out = pixels.load()

    @cached_property
    def digest(self) -> str:
        """Sha256 of the pixels that the training scenes are made of."""
        return self._training.digest()

    @property
    def held_out_photographs(self) -> int:
        """How many photographs only evaluation sees."""
        return len(self._held_out.photographs)

    def training(self, index: int) -> Example:
        """Return the scene at this place of the training stream, always the same one."""
        rng = np.random.default_rng((TRAINING, self.seed, index))
        return compose(rng, self._training, self.size, recolour=True)

    def held_out(self) -> list[Example]:
        """Return scenes of held-out digits over held-out photographs."""
        return [
            compose(np.random.default_rng((HELD_OUT, index)), self._held_out, self.size)
            for index in range(self.count)
        ]


def compose(
    rng: np.random.Generator, source: pixels.Pixels, size: int, *, recolour: bool = False
) -> Example:
    """Compose one scene.

    Args:
        rng: Of all that is random.
        source: Its digits and photographs.
        size: Its side in pixels.
        recolour: Whether a photograph may come in other colours than its own: a dozen photographs
            hold too few of them, and the network would take a new one for a digit.
    """
    scene = _background(rng, source.photographs, size)
    if recolour:
        _recolour(rng, scene)
    boxes: list[Box] = []
    labels: list[int] = []
    for _ in range(rng.integers(1, MAX_DIGITS + 1)):
        chosen = rng.integers(len(source.digits))
        glyph = draw(rng, source.digits[chosen], size * np.exp(rng.uniform(*np.log(HEIGHTS))))
        box = _place(rng, glyph, boxes, size)
        if box is not None:
            _paint(rng, scene, glyph, box)
            boxes.append(box)
            labels.append(int(source.labels[chosen]))
    image = _weathered(rng, scene)
    relative = np.array(boxes, np.float32).reshape(-1, 4) / np.float32(size)
    return Example(image, relative, np.array(labels, np.int64))


def _background(
    rng: np.random.Generator, photographs: tuple[Image.Image, ...], size: int
) -> Picture:
    """Return a random cut of a random photograph, its light changed: [size, size, 3] in 0..1."""
    photograph = photographs[rng.integers(len(photographs))]
    side = min(photograph.size) * rng.uniform(0.25, 1.0)
    left, top = (rng.uniform(0, length - side) for length in photograph.size)
    cut = photograph.resize(
        (size, size),
        Image.Resampling.BILINEAR,
        (left, top, left + side, top + side),
        reducing_gap=2.0,
    )
    light = np.array(cut, np.float32)[:, :: rng.choice((-1, 1))]
    light *= rng.uniform(0.6, 1.3) / 255
    light += rng.uniform(-0.1, 0.1)
    return np.clip(light, 0, 1, out=light)


def _recolour(rng: np.random.Generator, scene: Picture) -> None:
    """Exchange the colours, brightens or darkens each by itself, and may turn it all around."""
    scene[:] = np.rot90(scene, int(rng.integers(4)))[..., rng.permutation(3)]
    scene *= rng.uniform(0.5, 1.2, 3).astype(np.float32)
    scene += rng.uniform(-0.1, 0.2, 3).astype(np.float32)
    np.clip(scene, 0, 1, out=scene)


def _place(rng: np.random.Generator, glyph: Glyph, taken: list[Box], size: int) -> Box | None:
    """Return corners in pixels at which the glyph covers little of the others, if any are found."""
    height, width = glyph.extent
    if height > size or width > size:
        return None
    for _ in range(PLACEMENTS):
        y, x = int(rng.integers(size - height + 1)), int(rng.integers(size - width + 1))
        box = (y, x, y + height, x + width)
        if all(_cover(box, other) <= MAX_COVER for other in taken):
            return box
    return None


def _cover(one: Box, other: Box) -> float:
    """Return the part of the smaller box that both share."""
    height = min(one[2], other[2]) - max(one[0], other[0])
    width = min(one[3], other[3]) - max(one[1], other[1])
    smaller = min((box[2] - box[0]) * (box[3] - box[1]) for box in (one, other))
    return max(height, 0) * max(width, 0) / smaller


def _paint(rng: np.random.Generator, scene: Picture, glyph: Glyph, box: Box) -> None:
    """Blend the glyph into the scene, and sometimes a twig over it."""
    top, left, bottom, right = box
    under = scene[top:bottom, left:right]
    before = under.copy()
    alpha = glyph.ink[..., None] * rng.uniform(0.85, 1.0)
    start, stop = rng.uniform(0.8, 1.2, 2)
    slope = np.linspace(start, stop, under.shape[1])[None, :, None]
    ink = np.clip(_colour(rng, under.mean(axis=(0, 1))) * slope, 0, 1)
    under[:] = under * (1 - alpha) + ink * alpha
    if rng.random() < TWIG_CHANCE:
        strip = _strip(rng, *glyph.extent)
        # The photograph shows again, turned over so that it is not the same place.
        under[strip] = before[::-1, ::-1][strip]


def _colour(rng: np.random.Generator, around: Picture) -> NDArray[np.float64]:
    """Return a random colour that stands out from its surroundings."""
    brightness = around.mean()
    while True:
        colour = rng.uniform(0, 1, 3)
        if abs(colour.mean() - brightness) > CONTRAST:
            return colour


def _strip(rng: np.random.Generator, height: int, width: int) -> NDArray[np.bool_]:
    """Return a straight strip through a digit's middle, up to an eighth of its height thick."""
    y, x = np.mgrid[:height, :width]
    angle = rng.uniform(0, np.pi)
    middle = rng.uniform(0.3, 0.7, 2) * (height, width)
    distance = (y - middle[0]) * np.cos(angle) + (x - middle[1]) * np.sin(angle)
    return np.asarray(np.abs(distance) < height * rng.uniform(0.03, 0.0625))


def _weathered(rng: np.random.Generator, scene: Picture) -> NDArray[np.uint8]:
    """Return the scene as a camera might see it: blurred a little, with noise."""
    image = Image.fromarray((scene * 255).astype(np.uint8))
    if rng.random() < BLUR_CHANCE:
        image = image.filter(ImageFilter.GaussianBlur(rng.uniform(0, MAX_BLUR)))
    noisy = rng.standard_normal(scene.shape, np.float32)
    noisy *= np.float32(rng.uniform(0, MAX_NOISE))
    noisy += np.asarray(image)
    return np.clip(noisy, 0, 255, out=noisy).astype(np.uint8)
