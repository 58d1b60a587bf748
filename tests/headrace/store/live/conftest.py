"""A live model of a store."""

import pytest

from headrace.store import safe_read
from headrace.store.live import LiveModel
from headrace.store.publisher import Publisher
from tests.support.models.live import load, publish
from tests.support.models.store import MODEL


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(safe_read, "_PAUSES_SECONDS", (0.0,))


@pytest.fixture
def store(tmp_path):
    return Publisher(tmp_path)


@pytest.fixture
def alarms():
    return []


@pytest.fixture
def live(store, alarms):
    publish(store, "first")
    model = LiveModel(
        store, MODEL, load, refresh_seconds=0, trial_seconds=0, on_failure=alarms.append
    )
    assert model.current() == "first"
    return model
