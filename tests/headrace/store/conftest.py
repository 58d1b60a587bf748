"""A store, a version in it, and a key to sign with."""

import pytest

from headrace.store import safe_read
from headrace.store.publisher import Publisher
from headrace.store.signing import SigningKey
from tests.support.models.store import FILES, description, version_folder


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(safe_read, "_PAUSES_SECONDS", (0.0, 0.0))


@pytest.fixture
def store(tmp_path):
    return Publisher(tmp_path / "store")


@pytest.fixture
def folder(store):
    return version_folder(store.publish(FILES, description()))


@pytest.fixture
def key():
    return SigningKey.generate()
