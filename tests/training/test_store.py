"""A store that cannot be published to is told before anything is trained."""

import os

import pytest

from headrace.errors import HeadraceError
from training.store import open_store


@pytest.fixture
def root(tmp_path, monkeypatch):
    monkeypatch.setenv("HEADRACE_MODEL_ROOT", str(tmp_path / "models"))
    return tmp_path / "models"


def test_a_store_that_is_not_there_is_made_when_something_is_published(root):
    assert open_store("tumor").root == root
    assert not root.exists()


def test_a_file_in_its_place_is_told(root):
    root.write_text("")
    with pytest.raises(HeadraceError, match="models is no folder that can be written to"):
        open_store("tumor")


def test_a_store_that_may_only_be_read_is_told(root, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: mode != os.W_OK)
    with pytest.raises(HeadraceError, match="is no folder that can be written to"):
        open_store("tumor")


def test_a_key_that_is_none_is_told(root, monkeypatch):
    monkeypatch.setenv("HEADRACE_MODEL_SIGNING_KEY", "no key")
    with pytest.raises(HeadraceError, match="HEADRACE_MODEL_SIGNING_KEY"):
        open_store("tumor")
