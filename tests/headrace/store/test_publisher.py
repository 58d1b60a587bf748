"""A publisher leaves a whole version or none, whatever it meets."""

import os
from pathlib import Path

import pytest

from headrace.store import durable
from headrace.store.errors import PublishError, StoreError, VersionCorruptError
from tests.support.models.store import FILES, MODEL, content, description, publish, version_folder

pytestmark = pytest.mark.usefixtures("impatient")


def test_a_publish_that_fails_leaves_nothing_and_changes_nothing(store, monkeypatch):
    first = publish(store, 1)
    with pytest.raises(PublishError, match="pkl"):
        store.publish({"a.ubj": b"x", "b.pkl": b"x"}, description())

    def full(_descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StoreError, match="No space left"):
        publish(store, 2)

    assert store.open(MODEL).name == first.name
    assert list((store.root / MODEL / "staging").iterdir()) == []
    assert store.versions(MODEL) == [first.name]


def test_publishing_again_mends_a_damaged_version(store):
    version = store.publish(FILES, description())
    target = version_folder(version) / "model.ubj"
    target.write_bytes(b"damaged")

    mended = store.publish(FILES, description())

    assert mended.name == version.name
    assert content(store.verify(MODEL)) == FILES


def test_a_lock_that_is_held_is_an_error_and_not_a_wait_without_end(store, monkeypatch):
    publish(store, 1)
    monkeypatch.setattr("headrace.store.model_folder._LOCK_SECONDS", 0.0)
    with (
        durable.locked(store.root / MODEL / "lock", 0.0),
        pytest.raises(StoreError, match="another process"),
    ):
        publish(store, 2)

    assert publish(store, 2).name == store.resolve(MODEL)


def test_all_is_on_the_disk_before_it_is_renamed_and_the_rename_after(store, monkeypatch):
    publish(store, 1)
    happened = []
    fsync, rename = os.fsync, Path.rename

    def recorded_fsync(descriptor):
        happened.append(("sync", str(Path(f"/proc/self/fd/{descriptor}").readlink())))
        fsync(descriptor)

    def recorded_rename(source, target):
        inside = {str(path) for path in [source, *source.rglob("*")]}
        happened.append(("rename", inside, str(target.parent), target.name))
        return rename(source, target)

    monkeypatch.setattr(os, "fsync", recorded_fsync)
    monkeypatch.setattr(Path, "rename", recorded_rename)
    version = store.publish(FILES, description())

    renames = [at for at, event in enumerate(happened) if event[0] == "rename"]
    assert [happened[at][3] for at in renames] == [version.name, "current"]
    for at, end in zip(renames, [renames[1], len(happened)], strict=True):
        _, inside, folder, _ = happened[at]
        assert inside <= {event[1] for event in happened[:at] if event[0] == "sync"}
        assert folder in {event[1] for event in happened[at:end] if event[0] == "sync"}


@pytest.mark.parametrize("part", ["lock", "staging", "versions", "aliases", "."])
def test_a_publisher_follows_no_link_on_the_mount(store, tmp_path, part):
    publish(store, 1)
    elsewhere = tmp_path / "elsewhere"
    original = (store.root / MODEL / part).resolve()
    original.rename(elsewhere)
    original.symlink_to(elsewhere)
    before = sorted(elsewhere.rglob("*"))

    for action in (lambda: publish(store, 2), lambda: store.collect(MODEL, keep=1)):
        with pytest.raises(StoreError, match="link"):
            action()

    assert sorted(elsewhere.rglob("*")) == before


def test_a_lock_that_is_no_file_is_told(store):
    publish(store, 1)
    lock = store.root / MODEL / "lock"
    lock.unlink()
    os.mkfifo(lock)

    with pytest.raises(StoreError, match="no plain file"):
        publish(store, 2)


def nested(folder, depth):
    """Folders in folders, deeper than any path may be long."""
    here = os.open(folder, os.O_RDONLY)
    for _ in range(depth):
        os.mkdir("d" * 20, dir_fd=here)
        inner = os.open("d" * 20, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = inner
    os.close(here)


def test_folders_nested_without_end_are_told_and_can_be_deleted(store):
    old, current = publish(store, 1), publish(store, 2)
    nested(version_folder(current), 1200)
    nested(version_folder(old), 1200)

    with pytest.raises(VersionCorruptError, match="nested more than 32 deep"):
        store.open(MODEL)
    with pytest.raises(VersionCorruptError, match="nested more than 32 deep"):
        store.verify(MODEL)
    assert publish(store, 2).name == current.name
    store.verify(MODEL)
    assert store.collect(MODEL, keep=1, older_than_seconds=-1) == []
    publish(store, 3)
    assert store.collect(MODEL, keep=1, older_than_seconds=-1) == [old.name]
    assert list((store.root / MODEL / "staging").iterdir()) == []
