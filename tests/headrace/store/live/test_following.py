"""A live model follows its alias, starts on a sound version, and makes no request wait."""

import logging
import threading

import pytest

from headrace.store import live as live_module
from headrace.store.errors import VersionNotFoundError
from headrace.store.live import LiveModel
from tests.support.models.live import load, look, publish
from tests.support.models.store import MODEL
from tests.support.waiting import wait_until


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
