"""Detections drawn onto their image."""

import colorsys
import io
import zlib

from PIL import Image, ImageDraw, ImageFont

from models.detector.detections import Detections
from models.detector.preparation import Pixels

Colour = tuple[int, int, int]


def draw(image: Pixels, detections: Detections) -> bytes:
    """Draw boxes with class and score, the best on top.

    Args:
        image: uint8 [H, W, 3].
        detections: Boxes relative to the image.

    Returns:
        A PNG of the same size.
    """
    canvas = Image.fromarray(image)
    pen = ImageDraw.Draw(canvas)
    height, width = image.shape[:2]
    thickness = max(1, round(max(height, width) / 300))
    font = ImageFont.load_default(max(10, round(max(height, width) / 45)))
    for index in reversed(range(len(detections.entities))):
        top, left, bottom, right = detections.boxes[index]
        xs, ys = sorted((left * width, right * width)), sorted((top * height, bottom * height))
        entity = detections.entities[index]
        pen.rectangle((xs[0], ys[0], xs[1], ys[1]), outline=colour(entity), width=thickness)
        _label(
            pen, (xs[0], ys[0]), f"{entity} {detections.scores[index]:.0%}", colour(entity), font
        )
    png = io.BytesIO()
    canvas.save(png, "PNG")
    return png.getvalue()


def colour(entity: str) -> Colour:
    """A bright colour that is always the same for one class name."""
    hue = zlib.crc32(entity.encode()) / 2**32
    red, green, blue = (round(255 * part) for part in colorsys.hsv_to_rgb(hue, 0.6, 1.0))
    return red, green, blue


def _label(
    pen: ImageDraw.ImageDraw,
    corner: tuple[float, float],
    text: str,
    background: Colour,
    font: ImageFont.ImageFont | ImageFont.FreeTypeFont,
) -> None:
    """Write above the corner, or below it where the image ends."""
    left, top, right, bottom = pen.textbbox((0, 0), text, font=font)
    x, y = corner[0], max(0.0, corner[1] - bottom)
    pen.rectangle((x + left, y + top, x + right, y + bottom), fill=background)
    pen.text((x, y), text, fill="black", font=font)
