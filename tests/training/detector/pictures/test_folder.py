import numpy as np
import pytest
from PIL import Image

from tests.support.lazily import Lazily
from training.detector.data import open_data
from training.detector.pictures.augment import look, mirror
from training.detector.pictures.folder import Folder
from training.detector.pictures.listing import Listing, Picture
from training.detector.pictures.reading import DatasetError
from training.detector.presets import PRESETS

scenes = Lazily("training.detector.scenes.scenes")

RED, BLUE = (255, 0, 0), (0, 0, 255)


def red_square(width=40, height=20):
    """A blue picture with a red square in its left upper quarter."""
    image = Image.new("RGB", (width, height), BLUE)
    image.paste(RED, (0, 0, width // 2, height // 2))
    return image, np.array([[0, 0, 0.5, 0.5]], np.float32), np.array([4])


def test_a_mirrored_picture_has_mirrored_boxes():
    image, boxes, _ = red_square()
    mirrored, moved = mirror(image, boxes)
    assert moved.tolist() == [[0, 0.5, 0.5, 1]]
    assert mirrored.getpixel((30, 5)) == RED
    assert mirrored.getpixel((5, 5)) == BLUE


def test_looking_closer_makes_objects_larger():
    view, boxes, labels = look(*red_square(), np.array([0, 0, 0.5, 0.75]))
    assert boxes == pytest.approx(np.array([[0, 0, 1, 2 / 3]]))
    assert labels.tolist() == [4]
    assert view.size == (30, 10)
    assert (view.getpixel((19, 5)), view.getpixel((20, 5))) == (RED, BLUE)


def test_looking_from_afar_shows_grey_around():
    view, boxes, _ = look(*red_square(), np.array([-0.5, -0.5, 1.5, 1.5]))
    assert boxes.tolist() == [[0.25, 0.25, 0.5, 0.5]]
    assert view.size == (80, 40)
    assert view.getpixel((0, 0)) == (127, 127, 127)
    assert view.getpixel((20, 10)) == RED


def test_an_object_stays_if_its_centre_is_in_view():
    image, boxes, labels = red_square()
    assert look(image, boxes, labels, np.array([0.2, 0.2, 1, 1]))[1].tolist() == [
        pytest.approx([0, 0, 0.375, 0.375])
    ]
    assert len(look(image, boxes, labels, np.array([0.3, 0.3, 1, 1]))[2]) == 0


@pytest.fixture
def pictures(tmp_path):
    found = []
    for number in range(6):
        image, boxes, labels = red_square()
        image.putpixel((39, 19), (number, 0, 0))
        image.save(tmp_path / f"{number}.png")
        found.append(Picture(tmp_path / f"{number}.png", boxes, labels, (20, 40)))
    return found


def folder(pictures, seed=0, *, flip=True):
    listing = Listing(tuple("abcde"), tuple(pictures[:4]), tuple(pictures[4:]))
    return Folder(listing, 32, seed, flip=flip)


def test_a_place_in_the_stream_always_shows_the_same_view(pictures):
    first, again = folder(pictures), folder(pictures)
    views = {index: first.training(index) for index in (9, 2, 9, 0)}
    for index, view in views.items():
        assert np.array_equal(view.image, again.training(index).image)
        assert np.array_equal(view.boxes, again.training(index).boxes)
    assert not np.array_equal(views[9].image, folder(pictures, seed=1).training(9).image)


def test_views_are_what_the_network_takes(pictures):
    for index in range(40):
        image, boxes, labels = folder(pictures).training(index)
        assert (image.shape, image.dtype) == ((32, 32, 3), np.uint8)
        assert boxes.shape == (len(labels), 4)
        assert boxes.dtype == np.float32
        for top, left, bottom, right in boxes:
            # what is inside the box is red, in whatever light
            y, x = int((top + bottom) * 16), int((left + right) * 16)
            assert image[y, x, 0] > image[y, x, 2]


def test_without_flip_nothing_is_mirrored(pictures):
    lefts = [folder(pictures, flip=False).training(index) for index in range(40)]
    assert all(view.boxes[0, 1] < 0.5 for view in lefts if len(view.labels))


def test_every_epoch_shows_each_picture_once(pictures):
    data = folder(pictures)
    orders = [data._order(epoch).tolist() for epoch in range(20)]
    assert all(sorted(order) == [0, 1, 2, 3] for order in orders)
    assert len({tuple(order) for order in orders}) > 1


def test_held_out_pictures_stay_as_they_are(pictures):
    held_out = folder(pictures).held_out()
    assert len(held_out) == 2
    assert [one.image[19, 39, 0] for one in held_out] == [4, 5]
    assert held_out[1:][0].image.shape == (20, 40, 3)


def test_the_digest_tells_the_training_pictures(pictures):
    before = folder(pictures).digest
    assert folder(pictures, seed=8).digest == before
    Image.new("RGB", (40, 20)).save(pictures[3].path)
    assert folder(pictures).digest != before


def test_without_a_source_the_scenes_are_the_data():
    assert isinstance(open_data(None, PRESETS["quick"], 0, flip=True), scenes.Scenes)


@pytest.mark.parametrize("source", ["coco", "voc:", "yolo:/tmp", "/tmp"])
def test_an_unknown_source_is_named(source):
    with pytest.raises(DatasetError, match="neither coco:<folder> nor voc:<folder>"):
        open_data(source, PRESETS["quick"], 0, flip=True)
