import json
import os
from pathlib import Path

import pytest

from headrace.store import durable, safe_read
from headrace.store.errors import (
    PublishError,
    StoreError,
    VersionCorruptError,
    VersionNotFoundError,
)
from headrace.store.publisher import Publisher
from tests.support.models.store import FILES, MODEL, content, description, version_folder


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(safe_read, "_PAUSES_SECONDS", (0.0, 0.0))


@pytest.fixture
def store(tmp_path):
    return Publisher(tmp_path / "store")


def publish(store, number, **options):
    return store.publish({"model.ubj": b"weights %d" % number}, description(), **options)


def test_a_published_version_reads_back(store):
    published = store.publish(FILES, description(metrics={"auc": 1}))

    opened = store.open(MODEL)

    assert opened.name == published.name
    assert content(opened) == FILES
    assert opened.manifest.metrics == {"auc": 1.0}
    assert store.verify(MODEL).name == published.name


def test_files_may_come_from_the_disk(store, tmp_path):
    source = tmp_path / "weights"
    source.write_bytes(FILES["model.ubj"])

    from_disk = store.publish(FILES | {"model.ubj": source}, description())

    assert from_disk.name == store.publish(FILES, description()).name


def test_the_name_follows_from_everything_but_the_time(store, monkeypatch):
    first = publish(store, 1)
    again = publish(store, 1)
    other_content = publish(store, 2)
    other_words = store.publish({"model.ubj": b"weights 1"}, description(metrics={"auc": 0.5}))

    assert first.name == again.name
    assert len({first.name, other_content.name, other_words.name}) == 3
    assert len(store.versions(MODEL)) == 3


def test_a_version_is_found_by_alias_name_and_first_digits(store):
    first, second = publish(store, 1), publish(store, 2)

    assert store.open(MODEL).name == second.name
    assert store.open(MODEL, first.name).name == first.name
    assert store.open(MODEL, first.name[:12]).name == first.name
    assert store.resolve(MODEL) == second.name
    assert store.models() == [MODEL]


@pytest.mark.parametrize("reference", ["current", "other", "abcdef", "0" * 64])
def test_what_is_not_there_is_not_found(store, reference):
    with pytest.raises(VersionNotFoundError, match=reference):
        store.open(MODEL, reference)


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


def test_a_damaged_alias_is_told_and_mended(store):
    publish(store, 1)
    (store.root / MODEL / "aliases" / "current").write_text("?")

    with pytest.raises(VersionCorruptError, match="alias"):
        store.open(MODEL)
    publish(store, 2)

    assert store.open(MODEL).read("model.ubj") == b"weights 2"


def test_an_alias_of_ones_own_moves_alone(store):
    first = publish(store, 1)
    second = publish(store, 2, alias="candidate")
    third = publish(store, 3, alias=None)

    assert store.resolve(MODEL) == first.name
    assert {name: alias.version for name, alias in store.aliases(MODEL).items()} == {
        "current": first.name,
        "candidate": second.name,
    }
    assert store.point(MODEL, third.name).name == store.resolve(MODEL) == third.name
    assert store.alias(MODEL).history == (first.name,)


def test_roll_back_means_the_version_before(store):
    first, second, third = (publish(store, number) for number in range(3))

    assert store.roll_back(MODEL).name == second.name == store.resolve(MODEL)
    assert store.roll_back(MODEL).name == first.name == store.resolve(MODEL)
    with pytest.raises(StoreError, match="no earlier version"):
        store.roll_back(MODEL)
    assert store.point(MODEL, third.name).name == store.resolve(MODEL)
    assert store.roll_back(MODEL).name == first.name


def test_publishing_the_current_content_again_is_no_move(store):
    first = publish(store, 1)
    publish(store, 2)
    publish(store, 2)

    assert store.roll_back(MODEL).name == first.name


@pytest.mark.parametrize("action", ["roll_back", "point"])
def test_an_alias_never_moves_to_a_damaged_version(store, action):
    first, second = publish(store, 1), publish(store, 2)
    (version_folder(first) / "model.ubj").write_bytes(b"weights X")

    with pytest.raises(VersionCorruptError, match="changed"):
        store.roll_back(MODEL) if action == "roll_back" else store.point(MODEL, first.name)

    assert store.resolve(MODEL) == second.name


def test_history_is_bounded(store):
    for number in range(40):
        publish(store, number % 2)

    assert len(store.alias(MODEL).history) == 32


def _age(store, version, seconds):
    folder = version_folder(version)
    status = folder.stat()
    os.utime(folder, (status.st_atime - seconds, status.st_mtime - seconds))


def test_collect_keeps_the_current_and_those_to_roll_back_to(store):
    versions = [publish(store, number) for number in range(6)]
    for age, version in enumerate(reversed(versions), start=1):
        _age(store, version, age * 7200)

    collected = store.collect(MODEL, keep=2)

    assert sorted(collected) == sorted(version.name for version in versions[:3])
    assert store.versions(MODEL) == [version.name for version in reversed(versions[3:])]
    assert store.roll_back(MODEL).name == versions[4].name
    assert store.roll_back(MODEL).name == versions[3].name
    assert list((store.root / MODEL / "staging").iterdir()) == []


def test_collect_leaves_what_is_young_or_newer_than_current(store):
    old, current, newer = (publish(store, number) for number in range(3))
    _age(store, old, 3 * 7200)
    _age(store, current, 2 * 7200)
    _age(store, newer, 7200)
    store.point(MODEL, current.name)
    for _ in range(2):
        store.point(MODEL, newer.name)
        store.point(MODEL, current.name)
    other = publish(store, 7, alias=None)
    store.point(MODEL, other.name)
    young = publish(store, 8, alias=None)
    store.point(MODEL, current.name)

    assert store.collect(MODEL, keep=1) == [old.name]
    assert {newer.name, young.name, other.name} <= set(store.versions(MODEL))


def test_collect_keeps_what_any_alias_stands_for(store):
    first = publish(store, 1, alias="stable")
    _age(store, first, 7200)
    for number in range(2, 6):
        publish(store, number)

    assert store.collect(MODEL, keep=1, older_than_seconds=60) == []
    assert store.open(MODEL, "stable").name == first.name


def test_collect_deletes_nothing_while_an_alias_cannot_be_read(store):
    for number in range(4):
        _age(store, publish(store, number), 7200 * (9 - number))
    (store.root / MODEL / "aliases" / "stable").write_bytes(b"?")

    with pytest.raises(VersionCorruptError):
        store.collect(MODEL, keep=1)

    assert len(store.versions(MODEL)) == 4


def test_collect_without_any_alias_deletes_nothing(store):
    _age(store, publish(store, 1, alias=None), 7200)

    assert store.collect(MODEL, keep=1) == []


def test_collect_keeps_at_least_one(store):
    publish(store, 1)
    with pytest.raises(StoreError, match="at least one"):
        store.collect(MODEL, keep=0)


def test_collect_sweeps_stale_staging_only(store):
    publish(store, 1)
    staging = store.root / MODEL / "staging"
    for name in ("running", "dead"):
        (staging / name / "variables").mkdir(parents=True)
        (staging / name / "model.ubj").write_bytes(b"half")
    (staging / "dead-file").write_bytes(b"half")
    for name in ("dead", "dead-file"):
        os.utime(staging / name, (0, 0))

    store.collect(MODEL)

    assert [path.name for path in staging.iterdir()] == ["running"]


def test_a_reader_whose_version_is_collected_is_told_to_open_again(store):
    old = publish(store, 1)
    for number in range(2, 5):
        publish(store, number)
    _age(store, old, 7200)
    store.collect(MODEL, keep=1)

    with pytest.raises(VersionNotFoundError):
        old.read("model.ubj")


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


def test_the_alias_is_one_small_file(store):
    first, second = publish(store, 1), publish(store, 2)

    state = json.loads((store.root / MODEL / "aliases" / "current").read_bytes())

    assert state == {"version": second.name, "history": [first.name]}


@pytest.mark.parametrize("name", [".nfs000000012", ".DS_Store", "Current", "a b"])
def test_what_is_no_name_is_passed_over(store, name):
    version = publish(store, 1)
    (store.root / MODEL / "aliases" / name).write_bytes(b"?")
    (store.root / ".snapshot" / "versions").mkdir(parents=True)
    (version_folder(version).parent / name).mkdir()

    assert store.models() == [MODEL]
    assert list(store.aliases(MODEL)) == ["current"]
    assert store.versions(MODEL) == [version.name]
    assert store.collect(MODEL, keep=1) == []


def test_what_nfs_keeps_open_elsewhere_is_no_extra_file(store):
    version = publish(store, 1)
    (version_folder(version) / ".nfs00000000000a").write_bytes(b"an older signature")

    assert content(store.verify(MODEL)) == {"model.ubj": b"weights 1"}


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


def test_a_path_of_many_parts_is_not_published(store):
    with pytest.raises(PublishError, match="path"):
        store.publish({"a/" * 40 + "b": b"x"}, description())


def test_a_store_without_the_model_says_how_to_publish_one(store):
    with pytest.raises(
        VersionNotFoundError, match=r"publish one with `headrace models publish houses FILE`"
    ):
        store.open("houses")
