"""Templates as files: what is no template is one clear line."""

import sys

import pytest

from headrace.errors import HeadraceError, SettingsError
from headrace.sam.reading import parse, read_template


def test_short_forms_are_written_out():
    text = (
        "{a: !Ref X, b: !GetAtt X.Y, c: !Sub ['${a}', {a: 1}], d: !Condition Z, e: !If [Z, 1, 2]}"
    )
    assert parse(text) == {
        "a": {"Ref": "X"},
        "b": {"Fn::GetAtt": "X.Y"},
        "c": {"Fn::Sub": ["${a}", {"a": 1}]},
        "d": {"Condition": "Z"},
        "e": {"Fn::If": ["Z", 1, 2]},
    }


def test_json_is_read_too(tmp_path):
    path = tmp_path / "t.json"
    path.write_text('{"Resources": {"A": {"Fn::Ref": "\\u00e9"}}}')
    assert read_template(path) == {"Resources": {"A": {"Fn::Ref": "é"}}}


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (b"", "no template"),
        (b"[1]", "no template"),
        (b"Resources: 5", "no template"),
        (b"a: [", "not YAML: .*line 1"),
        (b"a: b: c", "not YAML"),
        (b"? [a]\n: b", "not YAML"),
        (b"\xff", "utf-8"),
        (b"a: !!python/object:os.system {}", "not YAML"),
        (b"a: !!binary aGk=", "a bytes is no value"),
        (b"a: !!set {b, c}", "a set is no value"),
        (b"a: " + b"[" * 2000, "nested deeper|not YAML"),
        (b"a: " + b"[" * 150 + b"]" * 150, "nested deeper"),
        (b"a: &a [*a]", "nested deeper"),
        (b"a: &a " + b"9" * 5000, "not YAML"),
        (
            b"a: &a [x,x,x,x,x,x,x,x,x]\n"
            + b"".join(
                b"%c: &%c [%s]\n" % (c, c, b",".join([b"*%c" % (c - 1)] * 9)) for c in b"bcdefgh"
            ),
            "larger than",
        ),
        (
            b"a: &a {x: 1, y: 2}\n"
            + b"".join(
                b"%c: &%c {<<: [%s]}\n" % (c, c, b",".join([b"*%c" % (c - 1)] * 9))
                for c in b"bcdefghij"
            ),
            "larger than",
        ),
        (b"a: 0x" + b"f" * 4_000, "a number has thousands of digits"),
    ],
)
def test_what_is_no_template_is_one_line(tmp_path, text, complaint):
    path = tmp_path / "t.yaml"
    path.write_bytes(text)
    with pytest.raises(SettingsError, match=complaint) as caught:
        read_template(path)
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(SettingsError, match=r"none\.yaml: No such file"):
        read_template(tmp_path / "none.yaml")


def test_without_the_package_the_error_names_it(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "yaml", None)
    (tmp_path / "t.yaml").write_text("Resources: {}")
    with pytest.raises(HeadraceError, match=r"yaml is not installed: .*headrace\[sam\]"):
        read_template(tmp_path / "t.yaml")
