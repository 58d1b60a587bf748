"""Label files."""

import pytest

from training.detector.importing.labels import LabelError, parse_labels

MAP = """
item {
  name: "/m/01g317"
  id: 1
  display_name: "person"
}
item { id: 4 name: 'motor\\'cycle' }
item{id:2,name:"only \\"name\\""}
"""


def test_a_label_map_is_read_by_id_and_gaps_have_no_name():
    assert parse_labels(MAP) == ("person", 'only "name"', "???", "motor'cycle")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("cat\ndog\n", ("cat", "dog")),
        ("???\ncat\n  dog  \n", ("cat", "dog")),
        ("background\r\ncat\r\n", ("cat",)),
        ("cat\n\ndog", ("cat", "???", "dog")),
    ],
)
def test_a_plain_list_has_a_name_a_line(text, expected):
    assert parse_labels(text) == expected


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
    ],
)
def test_what_is_no_label_file_is_refused(text, named):
    with pytest.raises(LabelError, match=named):
        parse_labels(text)
