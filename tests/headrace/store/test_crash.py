"""A process killed at any step of writing: readers see the state before or after, no other."""

import itertools
import os
import signal

import pytest

from headrace.store import safe_read
from headrace.store.errors import StoreError, VersionNotFoundError
from headrace.store.publisher import Publisher
from tests.support.models import dying
from tests.support.models.store import FILES, MODEL, content, description, version_folder

OLD = {"model.ubj": b"old weights"}


@pytest.fixture(scope="module")
def killed_in():
    with dying.running() as process:
        yield process


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """No test here takes the machine's power away, so only the order of the steps matters."""
    monkeypatch.setattr(safe_read, "_PAUSES_SECONDS", ())
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)


def seen(store):
    """What a reader gets, or None where there is nothing yet; anything broken raises."""
    try:
        return content(store.verify(MODEL))
    except VersionNotFoundError:
        return None


def assert_every_version_is_sound(store):
    for name in store.versions(MODEL):
        store.verify(MODEL, name)


@pytest.mark.slow(seconds=3)
@pytest.mark.parametrize("before", [None, OLD], ids=["the first version", "a second version"])
def test_killed_while_publishing(killed_in, tmp_path, before):
    states = []
    for step in itertools.count(1):
        store = Publisher(tmp_path / str(step))
        if before:
            store.publish(before, description())

        killed = killed_in.at_step("publish", store.root, step)

        states.append(seen(store))
        assert states[-1] in (before, FILES)
        assert_every_version_is_sound(store)
        store.publish(FILES, description())
        assert seen(store) == FILES
        assert_every_version_is_sound(store)
        if not killed:
            break
    assert states[0] == before
    assert states[-1] == FILES
    assert step > 30


@pytest.mark.slow(seconds=3)
def test_killed_while_mending_a_damaged_version(killed_in, tmp_path):
    for step in itertools.count(1):
        store = Publisher(tmp_path / str(step))
        store.publish(OLD, description())
        damaged = version_folder(store.publish(FILES, description())) / "model.ubj"
        damaged.write_bytes(b"Weights")

        killed = killed_in.at_step("publish", store.root, step)

        try:
            assert seen(store) in (None, FILES)
        except StoreError as error:
            assert "changed" in str(error)  # noqa: PT017 - it may also have been mended
        store.publish(FILES, description())
        assert seen(store) == FILES
        if not killed:
            break
    assert step > 30


def test_killed_while_rolling_back(killed_in, tmp_path):
    for step in itertools.count(1):
        store = Publisher(tmp_path / str(step))
        store.publish(OLD, description())
        store.publish(FILES, description())

        killed = killed_in.at_step("roll back", store.root, step)

        assert seen(store) in (OLD, FILES)
        if not killed:
            break
    assert seen(store) == OLD
    assert step > 10


def test_killed_while_collecting(killed_in, tmp_path):
    for step in itertools.count(1):
        store = Publisher(tmp_path / str(step))
        for number in range(4):
            store.publish({"model.ubj": b"weights %d" % number}, description())

        killed = killed_in.at_step("collect", store.root, step)

        assert seen(store) == {"model.ubj": b"weights 3"}
        assert_every_version_is_sound(store)
        store.collect(MODEL, keep=1, older_than_seconds=-1)
        assert len(store.versions(MODEL)) == 2
        if not killed:
            break
    assert step > 10


@pytest.mark.parametrize("limit", [1, 5, 100, 700])
def test_killed_in_the_middle_of_a_file(killed_in, tmp_path, limit):
    store = Publisher(tmp_path)
    store.publish(OLD, description())

    assert killed_in.in_a_file(tmp_path, limit) == -signal.SIGXFSZ
    assert seen(store) == OLD
    store.publish(FILES, description())
    assert seen(store) == FILES
