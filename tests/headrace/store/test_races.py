"""Readers, two publishers and a collector at the same time: nobody sees half a version.

`CHAOS_PUBLISHES` makes it a longer run.
"""

import multiprocessing
import os
import time

import pytest

from headrace.store.errors import VersionNotFoundError
from headrace.store.manifest import Description
from headrace.store.publisher import Publisher
from tests.support.models.store import MODEL, content, description

pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")


PUBLISHES = int(os.environ.get("CHAOS_PUBLISHES", "150"))  # of each of the two publishers

processes = multiprocessing.get_context("fork")


def _numbered(number: int) -> tuple[dict[str, bytes], Description]:
    text = b"%d" % number
    return {"a": text * 50, "folder/b": text * 99}, description(metrics={"number": number})


def _publish_many(root, numbers):
    store = Publisher(root)
    for number in numbers:
        store.publish(*_numbered(number))


def _read_until(root, stop, results):
    store, reads = Publisher(root), 0
    try:
        while not stop.is_set():
            version = store.open(MODEL)
            try:
                files = content(version)
            except VersionNotFoundError:  # collected since: the one thing that may happen
                continue
            assert files == _numbered(int(version.manifest.metrics["number"]))[0]
            reads += 1
            time.sleep(0.001)  # two cores for five processes
    except BaseException as error:
        results.put(f"{type(error).__name__}: {error}")
        raise
    results.put(reads)


def _collect_until(root, stop):
    store = Publisher(root)
    while not stop.wait(0.1):
        store.collect(MODEL, keep=8, older_than_seconds=-1)


@pytest.mark.slow(seconds=5)
def test_hundreds_of_publishes_while_others_read_and_collect(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)  # no power fails here
    Publisher(tmp_path).publish(*_numbered(0))
    stop, results = processes.Event(), processes.Queue()
    readers = [processes.Process(target=_read_until, args=(tmp_path, stop, results)) for _ in "12"]
    collector = processes.Process(target=_collect_until, args=(tmp_path, stop))
    # Both publish some of the same contents at about the same time.
    half = PUBLISHES // 2
    shares = [range(1, PUBLISHES + 1), range(half, half + PUBLISHES)]
    publishers = [processes.Process(target=_publish_many, args=(tmp_path, s)) for s in shares]
    for process in (*readers, collector, *publishers):
        process.start()
    for process in publishers:
        process.join()
    stop.set()
    read = [results.get(timeout=30) for _ in readers]
    for process in (*readers, collector):
        process.join()

    assert [process.exitcode for process in (*readers, collector, *publishers)] == [0] * 5, read
    assert all(reads > 10 for reads in read)
    last = Publisher(tmp_path).verify(MODEL).manifest.metrics["number"]
    assert last in (PUBLISHES, half + PUBLISHES - 1)
