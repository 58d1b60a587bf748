"""Pascal VOC data sets: one XML file for each picture.

<folder>/Annotations/<name>.xml
<folder>/JPEGImages/<name>.jpg
<folder>/ImageSets/Main/train.txt, val.txt   names line by line; without them some are held out
"""

from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

from training.detector.pictures.listing import (
    Listing,
    Picture,
    divide,
    listing,
    picture,
)
from training.detector.pictures.reading import DatasetError


class _Object(NamedTuple):
    name: str
    corners: tuple[float, float, float, float]


class _Annotation(NamedTuple):
    path: Path
    size: tuple[int, int]
    objects: list[_Object]


def read(folder: Path) -> Listing:
    """Read a data set; its classes are the names that occur in it, sorted.

    Raises:
        DatasetError: Names the file that is missing or wrong.
    """
    paths = sorted((folder / "Annotations").glob("*.xml"))
    if not paths:
        raise DatasetError(f"{folder}: no Annotations/*.xml in it")
    annotations = {path.stem: _annotation(path, folder / "JPEGImages") for path in paths}
    names = {one.name for annotation in annotations.values() for one in annotation.objects}
    labels = tuple(sorted(names))
    pictures = {name: _picture(one, labels) for name, one in annotations.items()}
    sets = [folder / "ImageSets" / "Main" / f"{part}.txt" for part in ("train", "val")]
    if not all(path.is_file() for path in sets):
        return divide(labels, list(pictures.values()))
    training, held_out = (_chosen(path, pictures) for path in sets)
    return listing(labels, training, held_out)


def _chosen(path: Path, pictures: dict[str, Picture]) -> list[Picture]:
    # A class's own list has a second column, which says whether the class is on the picture.
    names = [line.split()[0] for line in path.read_text().splitlines() if line.strip()]
    unknown = [name for name in names if name not in pictures]
    if unknown:
        raise DatasetError(f"{path}: no annotation for {unknown[0]}")
    return [pictures[name] for name in names]


def _picture(annotation: _Annotation, labels: tuple[str, ...]) -> Picture:
    return picture(
        annotation.path,
        [one.corners for one in annotation.objects],
        [labels.index(one.name) for one in annotation.objects],
        annotation.size,
    )


def _annotation(path: Path, images: Path) -> _Annotation:
    try:
        root = ElementTree.parse(path).getroot()  # noqa: S314 - the user's own files
        return _Annotation(
            images / _text(root, "filename"),
            (int(_text(root, "size/height")), int(_text(root, "size/width"))),
            [_Object(_text(one, "name"), _corners(one)) for one in root.iter("object")],
        )
    except (ElementTree.ParseError, ValueError) as error:
        raise DatasetError(f"{path}: {error}") from error


def _corners(element: ElementTree.Element) -> tuple[float, float, float, float]:
    ymin, xmin, ymax, xmax = (
        float(_text(element, f"bndbox/{name}")) for name in ("ymin", "xmin", "ymax", "xmax")
    )
    # The first pixel is number 1, and the last one belongs to the box.
    return ymin - 1, xmin - 1, ymax, xmax


def _text(element: ElementTree.Element, path: str) -> str:
    text = element.findtext(path)
    if text is None:
        raise ValueError(f"no <{path}>")
    return text.strip()
