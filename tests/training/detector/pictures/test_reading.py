"""Pictures are read as the serving detector reads them, and held against their annotations."""

import json

import numpy as np
import pytest
from PIL import Image

from headrace.images import decode
from training.detector.pictures import coco
from training.detector.pictures.folder import Folder
from training.detector.pictures.reading import DatasetError, read_picture

ORIENTATION = 0x0112


def turned(path, orientation=6):
    """A picture of 300 x 600 with a red upper half, stored on its side as cameras do."""
    upright = Image.new("RGB", (300, 600), "blue")
    upright.paste("red", (0, 0, 300, 300))
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    upright.rotate(90, expand=True).save(path, exif=exif, quality=95)


def data_set(folder, width, height, names):
    images = [
        {"id": number, "file_name": name, "width": width, "height": height}
        for number, name in enumerate(names)
    ]
    annotations = [
        {"image_id": number, "category_id": 1, "bbox": [0, 0, width, height / 2]}
        for number in range(len(names))
    ]
    content = {
        "images": images,
        "annotations": annotations,
        "categories": [{"id": 1, "name": "red"}],
    }
    (folder / "annotations.json").write_text(json.dumps(content))
    return folder


@pytest.fixture
def pictures(tmp_path):
    (tmp_path / "images").mkdir()
    names = [f"{number}.jpg" for number in range(3)]
    for name in names:
        turned(tmp_path / "images" / name)
    return tmp_path, names


def test_a_picture_stored_on_its_side_is_looked_at_upright(pictures):
    folder, names = pictures
    data = Folder(coco.read(data_set(folder, 300, 600, names)), 64, 0, flip=False)

    for example in data.held_out():
        assert example.image.shape == (600, 300, 3)
        assert example.image[:290, :, 0].min() > 200  # what the box says is red
        assert example.image[310:, :, 0].max() < 60
        assert example.boxes.tolist() == [[0, 0, 0.5, 1]]


@pytest.mark.parametrize(
    ("width", "height", "told"), [(600, 300, "300 x 600, turned"), (300, 500, "300 x 600")]
)
def test_annotations_of_another_size_are_refused_with_the_file(pictures, width, height, told):
    folder, names = pictures

    with pytest.raises(DatasetError, match=rf"0\.jpg: annotated as {width} x {height}, .* {told}"):
        coco.read(data_set(folder, width, height, names))


def test_grey_of_sixteen_bits_is_the_same_in_training_and_serving(tmp_path):
    path = tmp_path / "grey.png"
    Image.fromarray(np.full((4, 6), 20_000, np.uint16)).save(path)

    trained = np.asarray(read_picture(path, (4, 6)))
    served = np.asarray(decode(path.read_bytes(), max_pixels=100))

    assert trained[0, 0].tolist() == served[0, 0].tolist() == [78, 78, 78]


@pytest.mark.parametrize("suffix", ["bmp", "tiff"])
def test_what_the_detector_does_not_take_is_not_learned_from(tmp_path, suffix):
    (tmp_path / "images").mkdir()
    names = [f"a.{suffix}", f"b.{suffix}"]
    for name in names:
        Image.new("RGB", (30, 60)).save(tmp_path / "images" / name)

    with pytest.raises(DatasetError, match=rf"a\.{suffix}: not a JPEG, PNG, WebP or GIF"):
        coco.read(data_set(tmp_path, 30, 60, names))


def test_a_picture_that_is_damaged_is_named(tmp_path):
    turned(tmp_path / "cut.jpg")
    content = (tmp_path / "cut.jpg").read_bytes()
    (tmp_path / "cut.jpg").write_bytes(content[: len(content) // 2])

    with pytest.raises(DatasetError, match=r"cut\.jpg: "):
        read_picture(tmp_path / "cut.jpg", (600, 300))
