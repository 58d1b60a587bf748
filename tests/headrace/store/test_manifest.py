import json
import math
import re
from importlib.metadata import distributions

import msgspec
import pytest

from headrace.store import manifest
from headrace.store.errors import LibraryError, PublishError, VersionCorruptError
from headrace.store.libraries import check_libraries, satisfies
from headrace.store.manifest import FileEntry
from tests.support.models.store import description

ENTRY = FileEntry(path="model.ubj", size=7, sha256="a" * 64)


class Spec(msgspec.Struct):
    labels: tuple[str, ...]


def test_a_manifest_reads_back_with_plain_values():
    described = description(metrics={"auc": 1}, attributes={"detector": Spec(("cat", "dog"))})

    read = manifest.parse_manifest(manifest.write_manifest(described, [ENTRY]))

    assert read.files == (ENTRY,)
    assert read.metrics == {"auc": 1.0}
    assert read.attributes == {"detector": {"labels": ["cat", "dog"]}}
    assert read.created.endswith("Z")
    assert len(read.name) == 64


def test_the_order_of_files_and_keys_does_not_change_the_name():
    other = FileEntry(path="a", size=1, sha256="b" * 64)
    one = manifest.write_manifest(description(metrics={"a": 1, "b": 2}), [ENTRY, other])
    two = manifest.write_manifest(description(metrics={"b": 2, "a": 1}), [other, ENTRY])

    assert manifest.parse_manifest(one).name == manifest.parse_manifest(two).name


@pytest.mark.parametrize(
    "changes",
    [
        {"metrics": {"auc": math.nan}},
        {"metrics": {"auc": "good"}},
        {"attributes": {"x": object()}},
        {"attributes": {"x": "y" * (1 << 20)}},
        {"input_schema": []},
        {"training_data": "\ud800"},
    ],
)
def test_what_json_cannot_carry_is_not_published(changes):
    with pytest.raises(PublishError, match="description"):
        manifest.write_manifest(description(**changes), [ENTRY])


def _changed(**changes):
    fields = json.loads(manifest.write_manifest(description(), [ENTRY])) | changes
    return json.dumps(fields).encode()


def _file(**changes):
    return [{"path": "model.ubj", "size": 7, "sha256": "a" * 64} | changes]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"null",
        b"[]",
        b"\xff",
        b"[" * 100_000,
        b" " * ((1 << 20) + 1),
        _changed(unknown=1),
        _changed(format=2),
        _changed(format="1"),
        _changed(metrics={"auc": 0.98}),
        _changed(created="1970-01-01T00:00:00Z"),
        _changed(files=_file(path="../x")),
        _changed(files=_file(path="/x")),
        _changed(files=_file(size=-1)),
        _changed(files=_file(sha256="A" * 64)),
        _changed(files=_file(more=1)),
        _changed(files=_file() + _file()),
        manifest.write_manifest(description(), [ENTRY]) + b"\n",
    ],
)
def test_anything_else_is_refused(content):
    with pytest.raises(VersionCorruptError, match="manifest"):
        manifest.parse_manifest(content)


@pytest.mark.parametrize("path", ["../x", "/x", "a/../x", "./x", "x//y", "x\\y", "x\ny", ""])
def test_unsafe_paths_are_refused_even_with_a_right_checksum(path):
    with pytest.raises(PublishError, match="path"):
        manifest.write_manifest(description(), [FileEntry(path=path, size=1, sha256="a" * 64)])


@pytest.mark.parametrize(
    ("installed", "specifier", "expected"),
    [
        ("3.2.0", ">=3.2,<4", True),
        ("3.10", ">=3.2, <4", True),
        ("4.0.0", ">=3.2,<4", False),
        ("4", "<4.0.0", False),
        ("3.1.9", ">=3.2", False),
        ("3.2.0rc1", "==3.2", True),
        ("3.2+cpu", "!=3.2", False),
        ("3.2.1", ">3.2,<=3.2.1", True),
        ("1.0", "", True),
    ],
)
def test_ranges(installed, specifier, expected):
    assert satisfies(installed, specifier) is expected


@pytest.mark.parametrize("specifier", ["3.2", "~=3.2", ">=x", ">=3.*", ">= "])
def test_an_unknown_form_of_range_is_told(specifier):
    with pytest.raises(LibraryError, match="range"):
        satisfies("3.2", specifier)


def test_every_installed_library_is_found_in_its_version():
    check_libraries(
        {d.name: f"=={re.match(r'[0-9.]*[0-9]', d.version)[0]}" for d in distributions()}
    )


def test_libraries_that_may_not_load_a_version_are_named():
    check_libraries({"msgspec": ">=0.18", "pytest": ">=1,<1000"})
    with pytest.raises(LibraryError) as caught:
        check_libraries({"msgspec": "<0.1", "no-such-library": ">=1", "pytest": ">=1"})

    assert caught.match("msgspec .* is installed, <0.1 is needed")
    assert caught.match("no-such-library is not installed")
    assert "pytest" not in str(caught.value)
