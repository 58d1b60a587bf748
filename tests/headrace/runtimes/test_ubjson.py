"""UBJSON as XGBoost writes it, by hand: a booster's own is read in `test_xgboost_trees`."""

import struct

from headrace.runtimes.ubjson import read


def sized(content, count=None):
    return b"L" + struct.pack(">q", len(content) if count is None else count) + content


def one_type(tag, form, *numbers):
    return b"[$" + tag + b"#" + sized(struct.pack(f">{len(numbers)}{form}", *numbers), len(numbers))


def an_object(**values):
    return b"{" + b"".join(sized(name.encode()) + one for name, one in values.items()) + b"}"


def a_list(*values):
    return b"[#" + sized(b"".join(values), len(values))


def test_every_kind_of_value_is_read():
    document = an_object(
        text=b"S" + sized("ü".encode()),
        numbers=a_list(b"i\xff", b"U\xff", b"l" + struct.pack(">i", -70000)),
        words=a_list(b"T", b"F", b"Z"),
        inner=an_object(number=b"d" + struct.pack(">f", 1.5)),
    )
    assert read(document, ()) == {
        b"text": "ü".encode(),
        b"numbers": [-1, 255, -70000],
        b"words": [True, False, None],
        b"inner": {b"number": 1.5},
    }


def test_arrays_of_one_type_are_read_if_they_are_asked_for():
    document = an_object(
        wanted=one_type(b"l", "i", 1, -2), other=one_type(b"d", "f", 0.5), end=b"T"
    )

    found = read(document, {b"wanted"})

    assert found.pop(b"wanted").tolist() == [1, -2]
    assert found == {b"end": True}


def test_arrays_of_one_type_may_stand_in_a_list():
    (found,) = read(an_object(lists=a_list(one_type(b"L", "q", 3, 4))), ())[b"lists"]
    assert found.tolist() == [3, 4]
