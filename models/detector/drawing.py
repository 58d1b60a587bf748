"""Detections drawn onto their image: boxes, and labels that can be read on any picture."""

import io

from PIL import Image, ImageDraw

from models.detector.colours import BLACK, Colour, colours, ink
from models.detector.detections import Detections
from models.detector.labels import Label, Labeller, Rectangle
from models.detector.preparation import Pixels


def draw(image: Pixels, detections: Detections) -> bytes:
    """Draw boxes with class and score, the best on top; labels stand above all boxes.

    A picture that labels would hide, as it is hardly higher than one, has boxes alone.

    Args:
        image: uint8 [H, W, 3].
        detections: Boxes relative to the image, best first.

    Returns:
        A PNG of the same size.
    """
    canvas = Image.fromarray(image)
    pen = ImageDraw.Draw(canvas)
    colour = colours(detections.entities)
    labeller = Labeller(canvas.size)
    boxes = [_pixels(box, canvas.size) for box in detections.boxes.tolist()]
    found = list(zip(boxes, detections.entities, detections.scores.tolist(), strict=True))
    labels = [labeller.place(*detection) for detection in found]  # the best choose first
    thickness = max(2, round(max(canvas.size) / 300))
    for box, entity, _ in reversed(found):
        _outline(pen, box, colour[entity], thickness)
    shown = list(zip(found, labels, strict=True)) if labeller.leaves_a_picture else []
    for (_, entity, _), label in reversed(shown):
        _write(pen, label, colour[entity], labeller)
    png = io.BytesIO()
    canvas.save(png, "PNG")
    return png.getvalue()


def _pixels(box: list[float], size: tuple[int, int]) -> Rectangle:
    width, height = size
    top, left, bottom, right = box
    (left, right), (top, bottom) = sorted((left, right)), sorted((top, bottom))
    return round(left * width), round(top * height), round(right * width), round(bottom * height)


def _outline(pen: ImageDraw.ImageDraw, box: Rectangle, colour: Colour, thickness: int) -> None:
    """Draw a coloured frame with a dark line on either side, or it is lost on its own colour."""
    left, top, right, bottom = box
    pen.rectangle((left - 1, top - 1, right + 1, bottom + 1), outline=BLACK, width=thickness + 2)
    pen.rectangle(box, outline=colour, width=thickness)


def _write(pen: ImageDraw.ImageDraw, label: Label, colour: Colour, labeller: Labeller) -> None:
    fields = (
        (label.entity, label.entity_field, colour),
        (label.score, label.score_field, BLACK),
    )
    for text, field, ground in fields:
        left, top, _, bottom = field
        pen.rectangle(field, fill=ground, outline=BLACK)
        place = (left + labeller.padding, (top + bottom) / 2)
        pen.text(place, text, fill=ink(ground), font=labeller.font, anchor="lm")
