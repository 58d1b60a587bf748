"""A candidate is tried in a process of its own: nothing that it does there harms who serves."""

import os
import threading
import time
from pathlib import Path

import pytest

from headrace.store.errors import PublishError, StoreError, TrialError
from headrace.store.live import LiveModel
from headrace.store.publisher import Publisher
from headrace.store.signing import SigningKey
from headrace.store.trial import attempt
from tests.support.models import models_to_try
from tests.support.models.store import MODEL, description

pytestmark = pytest.mark.slow(seconds=0.8)


@pytest.fixture
def store(tmp_path):
    return Publisher(tmp_path / "store", trial_seconds=20)


def publish(store, text, **options):
    return store.publish({"model": text.encode()}, description(), **options)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("raise", "did not load: ValueError: the golden sample's answer is wrong"),
        ("expendable", "did not load: ValueError: 1000"),
        ("segfault", "crashed the process that loaded it: SIGSEGV"),
        ("abort", "crashed the process that loaded it: SIGABRT"),
        ("exit", "ended the process that loaded it with status 3: the library said so"),
    ],
)
def test_what_a_version_did_is_told(store, text, told):
    version = publish(store, text)

    with pytest.raises(TrialError, match=told):
        attempt(models_to_try.load, version)


def test_one_that_hangs_is_ended_with_all_that_it_started(store, tmp_path):
    version = publish(store, "hang")
    begun = time.monotonic()

    with pytest.raises(TrialError, match=r"did not load within 2 s"):
        attempt(models_to_try.load, version, seconds=2)

    assert time.monotonic() - begun < 10
    pids = [int(pid) for pid in (tmp_path / "store" / "pids").read_text().split()]
    assert len(pids) == 2
    assert not [pid for pid in pids if is_running(pid)]


def test_a_sound_one_passes_and_what_it_prints_is_no_answer(store):
    attempt(models_to_try.load, publish(store, "print"))


def test_the_child_checks_the_signature(tmp_path):
    key, other = SigningKey.generate(), SigningKey.generate()
    version = publish(Publisher(tmp_path, signing_key=key), "sound")

    attempt(models_to_try.load, version, key.verify_key())
    with pytest.raises(TrialError, match="not signed with the configured key"):
        attempt(models_to_try.load, version, other.verify_key())


@pytest.mark.parametrize("text", ["raise", "segfault"])
def test_what_fails_its_trial_is_not_published(store, text):
    first = publish(store, "sound", load=models_to_try.load)

    with pytest.raises(TrialError):
        publish(store, text, load=models_to_try.load)

    assert store.resolve(MODEL) == first.name
    assert store.versions(MODEL) == [first.name]
    assert list((store.root / MODEL / "staging").iterdir()) == []


def test_an_alias_is_not_moved_to_what_fails_its_trial(store):
    crashing = publish(store, "segfault")
    sound = publish(store, "sound")

    with pytest.raises(TrialError):
        store.roll_back(MODEL, load=models_to_try.load)
    with pytest.raises(TrialError):
        store.point(MODEL, crashing.name, load=models_to_try.load)

    assert store.resolve(MODEL) == sound.name


def test_a_candidate_that_crashes_or_hangs_leaves_the_last_good_one_serving(store):
    publish(store, "sound")
    alarms = []
    live = LiveModel(
        store,
        MODEL,
        models_to_try.load,
        refresh_seconds=0,
        trial_seconds=2,
        on_failure=alarms.append,
    )
    live.current()
    for count, text in enumerate(("segfault", "hang"), start=1):
        publish(store, text)
        limit = time.monotonic() + 60
        while len(alarms) < count and time.monotonic() < limit:
            assert live.current() == "sound"
            time.sleep(0.01)

    assert [type(alarm) for alarm in alarms] == [TrialError, TrialError]
    newest = publish(store, "print")
    while live.version != newest.name and time.monotonic() < limit:
        time.sleep(0.01)
    assert live.loaded() == ("print", newest.name)
    for thread in threading.enumerate():
        if thread.name.startswith("refresh-"):
            thread.join()


def test_what_no_other_process_can_import_is_refused_at_once(store):
    def local(version):
        return version

    for load in (local, lambda version: version, threading.Lock()):
        with pytest.raises(StoreError, match="cannot be tried in another process"):
            LiveModel(store, MODEL, load)
        with pytest.raises(StoreError, match="cannot be tried in another process"):
            publish(store, "sound", load=load)


def test_a_refused_file_is_told_before_anything_is_tried(store):
    with pytest.raises(PublishError, match="pkl"):
        store.publish({"a.pkl": b"x"}, description(), load=models_to_try.load)


def is_running(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
