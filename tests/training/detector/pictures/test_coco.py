import json

import numpy as np
import pytest
from PIL import Image

from training.detector.pictures.coco import read
from training.detector.pictures.reading import DatasetError

CATEGORIES = [{"id": 18, "name": "dog"}, {"id": 3, "name": "car"}]


def write(path, images, annotations, categories=CATEGORIES):
    path.parent.mkdir(parents=True, exist_ok=True)
    content = {"images": images, "annotations": annotations, "categories": categories}
    path.write_text(json.dumps(content))


def picture(folder, name, number):
    folder.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (200, 100)).save(folder / name)
    return {"id": number, "file_name": name, "width": 200, "height": 100}


def car(image, box=(20, 10, 100, 50), **more):
    return {"image_id": image, "category_id": 3, "bbox": box, **more}


def test_parts_in_the_layout_of_coco(tmp_path):
    train = [
        picture(tmp_path / "train2017", "a.png", 7),
        picture(tmp_path / "train2017", "b.png", 9),
    ]
    val = [picture(tmp_path / "images" / "val2017", "c.png", 7)]
    dog = {"image_id": 7, "category_id": 18, "bbox": [0, 0, 200, 100]}
    crowd = car(9, iscrowd=1)
    folder = tmp_path / "annotations"
    write(folder / "instances_train2017.json", train, [car(7), dog, crowd])
    write(folder / "instances_val2017.json", val, [car(7)])

    labels, training, held_out = read(tmp_path)

    assert labels == ("car", "dog")  # by their numbers
    assert [one.path.name for one in training] == ["a.png", "b.png"]
    assert [one.path.name for one in held_out] == ["c.png"]
    # x 20, y 10, width 100, height 50 of 200 x 100
    assert training[0].boxes == pytest.approx(np.array([[0.1, 0.1, 0.6, 0.6], [0, 0, 1, 1]]))
    assert training[0].labels.tolist() == [0, 1]
    assert len(training[1].labels) == 0  # a crowd is no object


def test_of_a_single_file_some_are_held_out(tmp_path):
    images = [picture(tmp_path / "images", f"{n}.png", n) for n in range(40)]
    write(tmp_path / "annotations.json", images, [car(n) for n in range(40)])
    first, again = read(tmp_path), read(tmp_path)
    assert len(first.training) + len(first.held_out) == 40
    assert 2 <= len(first.held_out) <= 16
    assert [p.path for p in first.held_out] == [p.path for p in again.held_out]


def test_boxes_end_at_the_edge_and_empty_ones_go(tmp_path):
    images = [picture(tmp_path / "images", f"{n}.png", n) for n in range(40)]
    annotations = [car(n, [-20, 50, 400, 100]) for n in range(40)] + [car(0, [5, 5, 0, 9])]
    write(tmp_path / "annotations.json", images, annotations)
    listing = read(tmp_path)
    for one in (*listing.training, *listing.held_out):
        assert one.boxes.tolist() == [[0.5, 0, 1, 1]]


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ("{", "truncated"),
        ('{"images": [], "categories": []}', "annotations"),
        (
            '{"images": [], "categories": [], "annotations":'
            ' [{"image_id": 1, "category_id": 4, "bbox": [0, 0, 1, 1]}]}',
            "no category 4",
        ),
        ('{"images": [], "categories": [], "annotations": []}', "objects on 0 of 0 pictures"),
        (
            '{"images": [{"id": 1, "file_name": "x.png", "width": 9, "height": 9}],'
            ' "categories": [], "annotations": []}',
            "x.png: no such picture",
        ),
    ],
)
def test_a_wrong_file_is_named(tmp_path, content, named):
    (tmp_path / "annotations.json").write_text(content)
    with pytest.raises(DatasetError, match=named):
        read(tmp_path)


def test_a_folder_of_something_else_is_named(tmp_path):
    with pytest.raises(DatasetError, match=r"neither annotations\.json nor"):
        read(tmp_path)
