"""A stale handle is opened again, with an end; other failures are told at once."""

import errno
import os

import pytest

from headrace.store.errors import StoreError
from tests.support.models.store import FILES, MODEL, content

pytestmark = pytest.mark.usefixtures("impatient")


@pytest.mark.parametrize("code", [errno.ESTALE, errno.ENOENT])
@pytest.mark.parametrize("times", [1, 2])
def test_a_stale_handle_is_opened_again(store, folder, monkeypatch, code, times):
    monkeypatch.setattr(os, "open", Flaky(os.open, code, times))

    assert content(store.open(MODEL)) == FILES


def test_a_stale_handle_while_reading_is_opened_again(store, folder, monkeypatch):
    opened = store.open(MODEL)
    monkeypatch.setattr(os, "fstat", Flaky(os.fstat, errno.ESTALE, 2))

    assert opened.read("model.ubj") == FILES["model.ubj"]


def test_opening_again_has_an_end(store, folder, monkeypatch):
    flaky = Flaky(os.open, errno.ESTALE, 1000)
    monkeypatch.setattr(os, "open", flaky)

    with pytest.raises(StoreError, match="Stale"):
        store.open(MODEL)
    assert 2 <= 1000 - flaky.times <= 10


def test_another_failure_is_told_at_once(store, folder, monkeypatch):
    flaky = Flaky(os.open, errno.EIO, 1000)
    monkeypatch.setattr(os, "open", flaky)

    with pytest.raises(StoreError, match="Input/output"):
        store.open(MODEL)
    assert flaky.times == 999


class Flaky:
    """A system call that fails so many times before it works."""

    def __init__(self, call, code, times):
        self.call, self.code, self.times = call, code, times

    def __call__(self, *arguments, **options):
        if self.times > 0:
            self.times -= 1
            raise OSError(self.code, os.strerror(self.code))
        return self.call(*arguments, **options)
