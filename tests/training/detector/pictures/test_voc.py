import numpy as np
import pytest
from PIL import Image

from training.detector.pictures.reading import DatasetError
from training.detector.pictures.voc import read

OBJECT = """
<object><name>{name}</name><difficult>0</difficult>
<bndbox><xmin>21</xmin><ymin>11</ymin><xmax>120</xmax><ymax>60</ymax></bndbox></object>"""


def annotate(folder, stem, *names):
    for part in ("Annotations", "JPEGImages"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (200, 100)).save(folder / "JPEGImages" / f"{stem}.png")
    (folder / "Annotations" / f"{stem}.xml").write_text(
        f"<annotation><filename>{stem}.png</filename>"
        "<size><width>200</width><height>100</height><depth>3</depth></size>"
        + "".join(OBJECT.format(name=name) for name in names)
        + "</annotation>"
    )


def choose(folder, **sets):
    main = folder / "ImageSets" / "Main"
    main.mkdir(parents=True)
    for name, stems in sets.items():
        (main / f"{name}.txt").write_text("\n".join(stems) + "\n")


def test_parts_by_their_lists(tmp_path):
    annotate(tmp_path, "a", "sofa", "cat")
    annotate(tmp_path, "b", "cat")
    annotate(tmp_path, "c", "sofa")
    choose(tmp_path, train=["b", "a"], val=["c  1"])

    labels, training, held_out = read(tmp_path)

    assert labels == ("cat", "sofa")
    assert [one.path.name for one in training] == ["b.png", "a.png"]
    assert [one.path.name for one in held_out] == ["c.png"]
    assert training[1].labels.tolist() == [1, 0]
    # pixels are counted from 1, and the last one belongs to the box
    assert training[0].boxes == pytest.approx(np.array([[0.1, 0.1, 0.6, 0.6]]))


def test_without_lists_some_are_held_out(tmp_path):
    for number in range(40):
        annotate(tmp_path, f"{number:03}", "cat")
    listing = read(tmp_path)
    assert len(listing.training) + len(listing.held_out) == 40
    assert 2 <= len(listing.held_out) <= 16


def test_a_name_in_a_list_without_annotation_is_told(tmp_path):
    annotate(tmp_path, "a", "cat")
    choose(tmp_path, train=["a"], val=["zebra"])
    with pytest.raises(DatasetError, match=r"val\.txt: no annotation for zebra"):
        read(tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("</annotation>", "", "no element found|mismatched"),
        ("<width>200</width>", "", "no <size/width>"),
        ("<width>200</width>", "<width>0</width>", "size of 0 x 100"),
        ("<xmin>21</xmin>", "<xmin>left</xmin>", "left"),
        ("<filename>a.png", "<filename>b.png", r"b\.png: no such picture"),
    ],
)
def test_a_wrong_annotation_is_named(tmp_path, old, new, named):
    annotate(tmp_path, "a", "cat")
    path = tmp_path / "Annotations" / "a.xml"
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(DatasetError, match=named):
        read(tmp_path)


def test_a_folder_of_something_else_is_named(tmp_path):
    with pytest.raises(DatasetError, match="no Annotations"):
        read(tmp_path)
