"""The golden sample: an image in the version, and what the detector must answer to it.

A version that does not reproduce its own answer on this machine is not served.
"""

import io
from collections.abc import Callable

import msgspec
import numpy as np
from PIL import Image

from headrace.store.errors import VersionCorruptError
from headrace.store.version import Version
from models.detector.detections import Detections, Fields, Tolerance, differences
from models.detector.preparation import Pixels

IMAGE = "golden.png"
DETECTIONS = "golden.json"

_MIN_SCORE = 0.3


def files(image: Pixels, detections: Detections) -> dict[str, bytes]:
    """Return the golden sample as files of a version.

    Args:
        image: uint8 [H, W, 3]; small, since it is decoded at every start.
        detections: What the published artifact answers to it.
    """
    png = io.BytesIO()
    Image.fromarray(image).save(png, "PNG")
    return {IMAGE: png.getvalue(), DETECTIONS: msgspec.json.encode(detections.fields())}


def tolerance(*answers: Detections) -> Tolerance:
    """Return how closely answers must be met: all that is likely, or at least the likelier half."""
    best = max((float(answer.scores.max(initial=0)) for answer in answers), default=0.0)
    return Tolerance(min_score=min(_MIN_SCORE, best / 2) or _MIN_SCORE, iou=0.95, score=0.02)


def check(detect: Callable[[Pixels], Detections], version: Version) -> None:
    """Run the detector on its golden sample.

    Raises:
        VersionCorruptError: It answers otherwise than recorded.
    """
    with Image.open(io.BytesIO(version.read(IMAGE))) as image:
        actual = detect(np.asarray(image.convert("RGB")))
    expected = Detections.from_fields(msgspec.json.decode(version.read(DETECTIONS), type=Fields))
    found = differences(expected, actual, tolerance(expected))
    if found:
        raise VersionCorruptError(
            f"{version.model} {version.name} answers its golden sample otherwise than recorded: "
            + "; ".join(found[:5])
        )
