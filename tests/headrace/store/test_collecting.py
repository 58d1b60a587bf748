"""Old versions are collected, and none that is still needed."""

import os

import pytest

from headrace.store.errors import StoreError, VersionCorruptError, VersionNotFoundError
from tests.support.models.store import MODEL, publish, version_folder

pytestmark = pytest.mark.usefixtures("impatient")


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
