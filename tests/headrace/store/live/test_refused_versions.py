"""A version that cannot be loaded changes nothing, alarms once, and is tried ever more rarely."""

import time

from headrace.store.errors import LibraryError, VersionCorruptError, VersionNotFoundError
from headrace.store.live import LiveModel
from headrace.store.refusals import Refusals
from tests.support.models.live import load, look, publish
from tests.support.models.store import MODEL, version_folder


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
