"""Label files: which class has which name, and which files are not of this model."""

import pytest

from training.detector.importing.labels import LabelError, parse_labels, read_labels

MAP = """
item {
  name: "/m/01g317"
  id: 1
  display_name: "person"
}
item { id: 4 name: 'motor\\'cycle' }
item{id:2,name:"only \\"name\\""}
"""
NAMES = [f"class {number}" for number in range(90)]


def test_a_label_map_is_read_by_id_and_gaps_have_no_name():
    assert parse_labels(MAP, 4) == ("person", 'only "name"', "???", "motor'cycle")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("cat\ndog\n", ("cat", "dog")),
        ("???\ncat\n  dog  \n", ("cat", "dog")),
        ("background\r\ncat\r\n", ("cat",)),
        ("cat\n\ndog", ("cat", "???", "dog")),
        ("???\ncat", ("???", "cat")),
        ("0  cat\n2  dog", ("cat", "???", "dog")),
        ("1 cat\n3 dog", ("cat", "???", "dog")),
        ("1: cat\n2: big dog", ("cat", "big dog")),
        ("0,cat\n\n1,dog\n", ("cat", "dog")),
        ("3 wheeler\ncat", ("3 wheeler", "cat")),
    ],
)
def test_lists_are_read_by_what_the_model_has(text, expected):
    assert parse_labels(text, len(expected)) == expected


@pytest.mark.parametrize(
    "lines",
    [
        NAMES[:85],
        NAMES[:80],
        [f"{number}  {name}" for number, name in enumerate(NAMES[:85])],
        [f'item {{ id: {n} name: "{name}" }}' for n, name in enumerate(NAMES[:85], start=1)],
        [*NAMES, "one more"],
        ["???", *NAMES, "one more"],
    ],
)
def test_a_file_of_another_length_is_refused_and_both_counts_are_named(lines):
    with pytest.raises(LabelError, match=r"\d+ class names, but the model has 90 classes"):
        parse_labels("\n".join(lines), 90)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("", "empty"),
        ("  \n \n", "empty"),
        ('item { name: "cat" }', "without id or name"),
        ("item { id: 3 }", "without id or name"),
        ('item { id: 1 name: "a" } item { id: 1 name: "b" }', "twice"),
        ('item { id: 0 name: "background" }', "out of range"),
        ('item { id: 99999999 name: "a" }', "out of range"),
        ("0 cat\n0 dog", "twice"),
        ("0 cat\n9999999 dog", "out of range"),
        (f'item {{ id: {"9" * 5_000} name: "a" }}', "without id or name"),
        (f"{'9' * 5_000} cat", "1 class names"),
    ],
)
def test_what_is_no_label_file_is_refused(text, named):
    with pytest.raises(LabelError, match=named):
        parse_labels(text, 2)


@pytest.mark.parametrize("text", ["person\ndog", "???\nperson\ndog"])
def test_a_byte_order_mark_is_no_part_of_a_name(tmp_path, text):
    (tmp_path / "labels.txt").write_text(text, encoding="utf-8-sig")

    assert read_labels(tmp_path / "labels.txt", 2) == ("person", "dog")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "latin-1"])
def test_another_encoding_is_one_line_that_names_the_file(tmp_path, encoding):
    (tmp_path / "labels.txt").write_bytes("café\ndog".encode(encoding))

    with pytest.raises(LabelError, match=r"labels\.txt: not UTF-8.*; save it as UTF-8"):
        read_labels(tmp_path / "labels.txt", 2)
