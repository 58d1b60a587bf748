"""Which data set a run learns from, as the command line names it."""

from pathlib import Path

from training.detector.example import DataSet
from training.detector.pictures import coco, voc
from training.detector.pictures.folder import Folder
from training.detector.pictures.reading import DatasetError
from training.detector.presets import Recipe

READERS = {"coco": coco.read, "voc": voc.read}


def open_data(source: str | None, recipe: Recipe, seed: int, *, flip: bool) -> DataSet:
    """Open the user's data set `coco:<folder>` or `voc:<folder>`, or without a source the scenes.

    Raises:
        DatasetError: It is neither, or cannot be read.
    """
    size = recipe.network.image_size
    if source is None:
        # Its digits are scikit-learn's, whose import takes a second.
        from training.detector.scenes.scenes import Scenes  # noqa: PLC0415

        return Scenes(size, seed, recipe.held_out)
    kind, _, folder = source.partition(":")
    if kind not in READERS or not folder:
        raise DatasetError(f"{source!r}: neither coco:<folder> nor voc:<folder>")
    return Folder(READERS[kind](Path(folder)), size, seed, flip=flip)
