"""Errors: one root, and none of them outlives what it is about."""

import gc
import json
import math
import subprocess
import sys
import types

import pytest

from headrace import Worker, lambda_handler
from headrace.dead_letters import letter
from headrace.errors import HeadraceError, Reject
from headrace.images.error import ImageError
from headrace.processing import isolation
from headrace.record import KafkaPosition, Record
from headrace.sinks.base import held_back, too_late
from headrace.store.errors import StoreError
from headrace.testing.brokers.process import BrokerError


class Silent:
    """A sink whose other side never answers in time."""

    def __init__(self, why):
        self.why = why

    def send(self, messages):
        return [self.why() for _ in messages]


@pytest.mark.parametrize("error", [StoreError, ImageError, BrokerError])
def test_every_error_of_the_library_has_one_root(error):
    assert issubclass(error, HeadraceError)


KEPT = """
import importlib, json, pkgutil, sys
import headrace
sys.modules["tensorflow"] = None  # it takes seconds, and changes the log of its process
kept, count = {}, 0
for _, name, _ in pkgutil.walk_packages(headrace.__path__, "headrace."):
    if name.endswith("__main__"):
        continue
    try:
        found = vars(importlib.import_module(name))
    except ImportError:
        continue
    count += 1
    for key, value in found.items():
        if isinstance(value, BaseException):
            kept[f"{name}.{key}"] = repr(value)
print(json.dumps([count, kept]))
"""


def test_no_module_keeps_an_exception():
    """It would collect a traceback entry, with all that its frame holds, each time it is raised."""
    program = [sys.executable, "-c", KEPT]
    done = subprocess.run(program, capture_output=True, text=True, check=True)
    count, kept = json.loads(done.stdout.splitlines()[-1])

    assert kept == {}
    assert count > 200


@pytest.mark.parametrize("why", [held_back, too_late])
def test_an_outage_of_the_dead_letter_sink_keeps_no_frames_alive(why):
    """GIVEN 2,000 letters that are refused, THEN what is left of them does not grow."""
    sink = Silent(why)

    def process(record):
        raise Reject("never")

    def dead_letter(record, error):
        letter.write(sink, record, error)

    def refuse(count):
        records = [Record("kafka", KafkaPosition("t", 0, i), b"x" * 100) for i in range(count)]
        assert len(isolation.run(process, records, dead_letter).failures) == count

    gc.freeze()  # what other tests have left is no matter
    refuse(10)
    before = frames()
    refuse(2_000)
    assert frames() - before < 20


def frames():
    gc.collect()
    return sum(isinstance(thing, types.FrameType) for thing in gc.get_objects())


class Unspeakable(Exception):
    def __str__(self):
        raise ValueError


class Negative(Reject):
    def __init__(self, amount):
        self.amount = amount


@pytest.mark.parametrize(
    ("error", "status", "detail"),
    [
        (Reject(ValueError("no such item")), 400, "no such item"),
        (Reject(Unspeakable()), 400, "<ValueError in its __str__>"),
        (Reject("gone", status=499), 499, "gone"),
        (Reject("torn", errors=[{1}, math.nan, "x"]), 400, "torn"),
        (Negative(-1), 400, ""),
    ],
)
def test_whatever_a_reject_is_made_of_its_caller_gets_an_answer(error, status, detail):
    class Refusing(Worker):
        def process(self, record):
            raise error

    answer = lambda_handler(Refusing)({"id": 1})

    assert answer["statusCode"] == status
    assert json.loads(answer["body"])["detail"] == detail


@pytest.mark.parametrize("status", [200, 399, 600, "404", None])
def test_the_status_of_a_reject_is_one_of_a_failure(status):
    with pytest.raises(ValueError, match="cannot have the status"):
        Reject("no", status=status)


def test_one_fault_of_a_reject_is_not_taken_apart():
    assert Reject("wrong", errors="the amount").errors == ("the amount",)
