"""COCO data sets: one JSON file for each part, the pictures in folders beside it.

<folder>/annotations/instances_<part>.json   with <folder>/<part>/ or <folder>/images/<part>/
<folder>/annotations.json                    with <folder>/images/
"""

from collections import defaultdict
from pathlib import Path

import msgspec

from training.detector.pictures.listing import (
    Listing,
    Picture,
    divide,
    listing,
    picture,
)
from training.detector.pictures.reading import DatasetError

PREFIX = "instances_"


class _Image(msgspec.Struct):
    id: int
    file_name: str
    width: int
    height: int


class _Annotation(msgspec.Struct):
    image_id: int
    category_id: int
    bbox: tuple[float, float, float, float]
    iscrowd: int = 0


class _Category(msgspec.Struct):
    id: int
    name: str


class _File(msgspec.Struct):
    images: list[_Image]
    annotations: list[_Annotation]
    categories: list[_Category]


def read(folder: Path) -> Listing:
    """Read a data set; its `train…` and `val…` parts, or the only one, of which some is held out.

    Regions of crowds are left out.

    Raises:
        DatasetError: Names the file that is missing or wrong.
    """
    whole = folder / "annotations.json"
    if whole.is_file():
        return divide(*_part(whole, folder / "images"))
    parts = {
        path.stem.removeprefix(PREFIX): path
        for path in sorted((folder / "annotations").glob(f"{PREFIX}*.json"))
    }
    training = next((name for name in parts if name.startswith("train")), None)
    held_out = next((name for name in parts if name.startswith("val")), None)
    if training is None:
        raise DatasetError(f"{folder}: neither annotations.json nor {PREFIX}train….json in it")
    labels, pictures = _part(parts[training], _images(folder, training))
    if held_out is None:
        return divide(labels, pictures)
    other, rest = _part(parts[held_out], _images(folder, held_out))
    if other != labels:
        raise DatasetError(f"{parts[held_out]}: other categories than {parts[training].name}")
    return listing(labels, pictures, rest)


def _images(folder: Path, part: str) -> Path:
    beside, below = folder / part, folder / "images" / part
    return beside if beside.is_dir() else below


def _part(path: Path, images: Path) -> tuple[tuple[str, ...], list[Picture]]:
    try:
        content = msgspec.json.decode(path.read_bytes(), type=_File)
    except (msgspec.DecodeError, RecursionError) as error:
        raise DatasetError(f"{path}: {error}") from error
    categories = sorted(content.categories, key=lambda category: category.id)
    places = {category.id: place for place, category in enumerate(categories)}
    objects = defaultdict[int, list[_Annotation]](list)
    for annotation in content.annotations:
        if annotation.category_id not in places:
            raise DatasetError(f"{path}: no category {annotation.category_id}")
        if not annotation.iscrowd:
            objects[annotation.image_id].append(annotation)
    pictures = [
        picture(
            images / image.file_name,
            [_corners(*one.bbox) for one in objects[image.id]],
            [places[one.category_id] for one in objects[image.id]],
            (image.height, image.width),
        )
        for image in content.images
    ]
    return tuple(category.name for category in categories), pictures


def _corners(x: float, y: float, width: float, height: float) -> tuple[float, ...]:
    return y, x, y + height, x + width
