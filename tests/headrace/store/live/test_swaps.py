"""Swaps under load fail no request."""

import os
import threading
import time

import pytest

from headrace.store.errors import StoreError
from headrace.store.live import LiveModel
from tests.support.models.live import load, publish
from tests.support.models.store import MODEL

SWAPS = int(os.environ.get("SOAK_SWAPS", "30"))  # `make soak` takes a hundred


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
