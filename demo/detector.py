"""The demo's detector: publish one, ask it about pictures on localhost, draw what it found.

With npm it is the detector of real objects, asked about photographs that scikit-image carries.
Without, it is the detector of handwritten digits that ships with the tree.
"""

import base64
import os
import sys
import tempfile
from collections.abc import Sequence
from importlib import resources
from pathlib import Path

from demo.pictures import serving
from headrace import json_text
from headrace.handler import Handler
from headrace.settings import read
from headrace.store.settings import PublisherSettings
from training.detector import objects
from training.detector.importing import open_images
from training.detector.publishing.ship import SHIPPED, install
from workers.object_detector import ObjectDetector

_PHOTOGRAPHS = ("chelsea.png", "coffee.png", "astronaut.png")
_DIGITS = Path("examples/digits.jpg")
_SURE = 0.5


def detect(folder: Path) -> bool:
    """Publish a detector and ask it about pictures.

    Args:
        folder: where the drawings go.

    Returns:
        whether it found something in each picture.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as pictures:
        names = _publish_objects(Path(pictures)) or _publish_digits(Path(pictures))
        with serving(Path(pictures)) as address:
            # Plain http and loopback, for this host alone.
            os.environ["HEADRACE_IMAGE_ALLOW_HOSTS"] = address
            handler = Handler(ObjectDetector)
            return all(_ask(handler, f"http://{address}/{name}", folder) for name in names)


def _publish_objects(pictures: Path) -> Sequence[str]:
    """Publish the detector of real objects; no pictures if that cannot be had here."""
    if open_images.npm() is None:
        sys.stdout.write("npm is not installed: handwritten digits instead of real objects\n")
        return ()
    if objects.main([]) != 0:
        return ()
    data = resources.files("skimage").joinpath("data")
    for name in _PHOTOGRAPHS:
        (pictures / name).write_bytes(data.joinpath(name).read_bytes())
    return _PHOTOGRAPHS


def _publish_digits(pictures: Path) -> Sequence[str]:
    version = install(SHIPPED, read(PublisherSettings).publisher())
    sys.stdout.write(f"detector published as {version.name}\n")
    (pictures / _DIGITS.name).write_bytes(_DIGITS.read_bytes())
    return (_DIGITS.name,)


def _ask(handler: Handler, url: str, folder: Path) -> bool:
    event = {"url": url, "min_score": _SURE}
    answer, drawing = handler(event), handler(event | {"draw": True})
    found = json_text.decode(answer["body"])
    rows = zip(found["detection_class_entities"], found["detection_scores"], strict=True)
    told = ", ".join(f"{entity} ({score:.2f})" for entity, score in rows)
    picture = (folder / url.rpartition("/")[2]).with_suffix(".boxes.png")
    picture.write_bytes(base64.b64decode(drawing["body"]))
    sys.stdout.write(f"{url} -> {told or 'nothing'}\n  drawn into {_near(picture)}\n")
    return bool(told)


def _near(path: Path) -> Path:
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
