"""What is not published: names, paths and files that are not plain."""

import pytest

from headrace.store.errors import PublishError, StoreError
from tests.support.models.store import FILES, MODEL, description, publish

pytestmark = pytest.mark.usefixtures("impatient")


@pytest.mark.parametrize(
    "name", ["../tumor", "/etc", "", ".", "..", "a/b", "Tumor", "a" * 64, "a\n"]
)
def test_names_cannot_leave_the_store(store, name):
    publish(store, 1)
    with pytest.raises(StoreError, match="not a name"):
        store.open(name)
    with pytest.raises(StoreError, match="not a name"):
        publish(store, 1, alias=name)
    with pytest.raises(StoreError, match="not a name"):
        store.publish(FILES, description(model=name))


@pytest.mark.parametrize(
    "path",
    ["../x", "/x", "a/../b", "a//b", "./a", "a/", "", "a\\b", "a\0b", "manifest.json", "a" * 600],
)
def test_paths_that_are_not_plain_are_not_published(store, path):
    with pytest.raises(PublishError, match="path"):
        store.publish({path: b"x"}, description())
    assert store.versions(MODEL) == []


@pytest.mark.parametrize("path", ["a", "manifest.json/a", "manifest.sig"])
def test_a_file_cannot_be_a_folder_or_the_manifest(store, path):
    with pytest.raises(PublishError):
        store.publish({path: b"x", "a/b": b"x"}, description())


def test_a_version_needs_files(store):
    with pytest.raises(PublishError, match="at least one file"):
        store.publish({}, description())


def test_a_link_is_not_published(store, tmp_path):
    (tmp_path / "secret").write_bytes(b"secret")
    (tmp_path / "link").symlink_to(tmp_path / "secret")

    with pytest.raises(PublishError, match="link"):
        store.publish({"model.ubj": tmp_path / "link"}, description())
    with pytest.raises(PublishError, match="absent"):
        store.publish({"model.ubj": tmp_path / "absent"}, description())


def test_a_path_of_many_parts_is_not_published(store):
    with pytest.raises(PublishError, match="path"):
        store.publish({"a/" * 40 + "b": b"x"}, description())
