import logging
import os
import threading
import time

import pytest

from headrace.store import live as live_module
from headrace.store import safe_read
from headrace.store.errors import (
    LibraryError,
    StoreError,
    VersionCorruptError,
    VersionNotFoundError,
)
from headrace.store.live import LiveModel
from headrace.store.publisher import Publisher
from headrace.store.refusals import Refusals
from tests.support.models.store import MODEL, description, version_folder
from tests.support.waiting import wait_until

SWAPS = int(os.environ.get("SOAK_SWAPS", "30"))  # `make soak` takes a hundred


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(safe_read, "_PAUSES_SECONDS", (0.0,))


@pytest.fixture
def store(tmp_path):
    return Publisher(tmp_path)


@pytest.fixture
def alarms():
    return []


def look(live):
    """Have a live model look at its alias, as it does while it serves, and wait until it has."""
    live.current()
    for thread in threading.enumerate():
        if thread.name == f"refresh-{MODEL}":
            thread.join()


def publish(store, text, **changes):
    return store.publish({"model": text.encode()}, description(**changes))


def load(version):
    """The model is its text; "bad" is one that fails its golden sample."""
    text = version.read("model").decode()
    if text.startswith("bad"):
        raise ValueError("the golden sample's answer is wrong")
    return text


@pytest.fixture
def live(store, alarms):
    publish(store, "first")
    model = LiveModel(
        store, MODEL, load, refresh_seconds=0, trial_seconds=0, on_failure=alarms.append
    )
    assert model.current() == "first"
    return model


def test_it_follows_the_alias(store, live):
    second = publish(store, "second")
    assert live.current() == "first"

    look(live)

    assert live.loaded() == ("second", second.name)
    assert live.version == second.name
    store.roll_back(MODEL)
    look(live)
    assert live.current() == "first"


def test_nothing_is_loaded_twice(store, alarms):
    publish(store, "first")
    loads = []

    def counted(version):
        loads.append(version.name)
        return load(version)

    live = LiveModel(store, MODEL, counted, trial_seconds=0)
    threads = [threading.Thread(target=live.current) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    look(live)

    assert len(loads) == 1


def test_a_candidate_that_fails_its_sample_changes_nothing_and_alarms_once(store, live, alarms):
    publish(store, "bad")

    for _ in range(3):
        look(live)

    assert live.current() == "first"
    assert [str(alarm) for alarm in alarms] == ["the golden sample's answer is wrong"]


def test_each_bad_version_alarms_once_and_a_good_one_ends_it(store, live, alarms):
    for text in ("bad 1", "bad 2"):
        publish(store, text)
        look(live)
        look(live)
    assert (live.current(), len(alarms)) == ("first", 2)

    publish(store, "second")
    look(live)
    assert (live.current(), len(alarms)) == ("second", 2)

    store.roll_back(MODEL)
    look(live)
    assert (live.current(), len(alarms)) == ("second", 3)


def test_a_corrupt_candidate_changes_nothing_until_it_is_mended(store, live, alarms):
    second = publish(store, "second")
    (version_folder(second) / "model").write_bytes(b"sexond")

    look(live)
    look(live)
    assert live.current() == "first"
    assert [type(alarm) for alarm in alarms] == [VersionCorruptError]

    publish(store, "second")
    look(live)
    assert live.current() == "second"


def test_a_version_for_other_libraries_is_not_loaded(store, live, alarms):
    publish(store, "second", libraries={"msgspec": "<0.1"})

    look(live)

    assert live.current() == "first"
    assert [type(alarm) for alarm in alarms] == [LibraryError]


def test_the_last_good_one_serves_when_the_mount_is_gone(store, live, alarms):
    store.root.rename(store.root.with_name("unmounted"))

    look(live)
    look(live)

    assert live.current() == "first"
    assert [type(alarm) for alarm in alarms] == [VersionNotFoundError]


def test_an_alarm_that_fails_harms_nothing(store):
    publish(store, "first")

    def broken(_error):
        raise RuntimeError("no network")

    live = LiveModel(store, MODEL, load, refresh_seconds=0, trial_seconds=0, on_failure=broken)
    live.current()
    publish(store, "bad")
    look(live)

    assert live.current() == "first"


def test_a_process_that_starts_on_a_bad_version_serves_the_one_before(store, alarms):
    publish(store, "first")
    publish(store, "bad")
    live = LiveModel(
        store, MODEL, load, refresh_seconds=0, trial_seconds=0, on_failure=alarms.append
    )

    assert live.current() == "first"
    look(live)
    assert len(alarms) == 1

    publish(store, "second")
    look(live)
    assert live.current() == "second"


def test_a_start_without_any_sound_version_raises_what_is_wrong(store, alarms):
    with pytest.raises(VersionNotFoundError):
        LiveModel(store, MODEL, load).current()

    publish(store, "bad 1")
    publish(store, "bad 2")
    live = LiveModel(store, MODEL, load)
    with pytest.raises(ValueError, match="golden"):
        live.current()

    publish(store, "good")
    assert live.current() == "good"


def test_a_fixed_version_has_no_substitute(store):
    publish(store, "first")
    bad = publish(store, "bad")

    with pytest.raises(ValueError, match="golden"):
        LiveModel(store, MODEL, load, reference=bad.name).current()


def test_a_reload_in_the_background_does_not_make_a_request_wait(store):
    publish(store, "first")
    may_go_on, started = threading.Event(), threading.Event()

    def slow(version):
        text = load(version)
        if text == "second":
            started.set()
            assert may_go_on.wait(30)
        return text

    live = LiveModel(store, MODEL, slow, refresh_seconds=0, trial_seconds=0)
    assert live.current() == "first"
    publish(store, "second")
    live.current()
    assert started.wait(30)

    assert [live.current() for _ in range(100)] == ["first"] * 100
    assert sum(thread.name == f"refresh-{MODEL}" for thread in threading.enumerate()) == 1

    may_go_on.set()
    wait_until(lambda: live.current() == "second", 30)


def test_the_alias_is_looked_at_no_more_often_than_said(store, monkeypatch):
    publish(store, "first")
    live = LiveModel(store, MODEL, load, refresh_seconds=3600)
    live.current()
    looks = []
    monkeypatch.setattr(store, "resolve", lambda *names: looks.append(names))

    for _ in range(1000):
        live.current()

    assert looks == []


def test_a_version_that_keeps_failing_is_tried_ever_more_rarely():
    refusals = Refusals(pause_seconds=3600)
    assert refusals.note("bad")
    assert not refusals.note("bad")
    assert refusals.is_waiting("bad")
    assert not refusals.is_waiting("other")

    refusals.clear()

    assert not refusals.is_waiting("bad")
    assert refusals.note("bad")


def test_a_version_that_waits_for_its_next_attempt_is_not_loaded(store):
    publish(store, "first")
    attempts = []

    def counted(version):
        attempts.append(version.name)
        return load(version)

    live = LiveModel(store, MODEL, counted, refresh_seconds=0.05, trial_seconds=0)
    live.current()
    bad = publish(store, "bad")
    deadline = time.monotonic() + 1
    while time.monotonic() < deadline:
        look(live)
        time.sleep(0.01)

    assert 2 <= attempts.count(bad.name) <= 5  # after 0.05, 0.15, 0.35 and 0.75 s, not 20 times


def test_what_happens_to_a_model_is_logged(store, caplog):
    caplog.set_level(logging.INFO, logger="headrace.store")
    first = publish(store, "first")
    bad = publish(store, "bad")
    live = LiveModel(store, MODEL, load, refresh_seconds=0, trial_seconds=0)
    live.current()
    second = publish(store, "second")
    look(live)

    assert [record.getMessage() for record in caplog.records] == [
        f"model tumor cannot load version {bad.name}: the golden sample's answer is wrong",
        f"model tumor starts with the version before: {first.name}",
        f"model tumor now serves version {second.name}",
    ]


@pytest.mark.parametrize(
    ("key", "warnings"),
    [
        ("", ["model signatures are not checked: no verifying key is configured"]),
        ("unsigned", []),
    ],
)
def test_unchecked_signatures_are_said_once_in_a_process(store, monkeypatch, caplog, key, warnings):
    publish(store, "first")
    monkeypatch.setenv("HEADRACE_MODEL_ROOT", str(store.root))
    monkeypatch.setenv("HEADRACE_MODEL_VERIFY_KEY", key)
    live_module._warn_of_unsigned.cache_clear()

    for _ in range(3):
        assert LiveModel.from_settings(MODEL, load).current() == "first"

    assert [record.getMessage() for record in caplog.records] == warnings


def test_swaps_under_load_fail_no_request(store):
    publish(store, "version 0")
    live = LiveModel(store, MODEL, load, refresh_seconds=0, trial_seconds=0)
    done, failures, seen = threading.Event(), [], set()

    def ask():
        while not done.is_set():
            try:
                seen.add(live.current())
            except Exception as error:
                failures.append(error)
            time.sleep(0.001)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for number in range(1, SWAPS + 1):
        newest = publish(store, f"version {number}").name
        while live.version != newest:
            time.sleep(0.001)
        if number % 10 == 0:
            store.collect(MODEL, keep=1, older_than_seconds=-1)
    done.set()
    for thread in threads:
        thread.join()

    assert failures == []
    assert live.current() == f"version {SWAPS}"
    assert len(seen) > 10
    with pytest.raises(StoreError):
        LiveModel(store, "other", load).current()
