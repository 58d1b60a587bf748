"""Leases are extended in the order of their deadlines, ten in one request."""

import threading
import time
from itertools import chain

import pytest
from botocore.exceptions import EndpointConnectionError

from headrace import log
from headrace.runner.sqs.keeper import Keeper
from headrace.runner.sqs.queue import Refusal
from headrace.runner.sqs.trouble import Trouble
from tests.support.sqs.leases import lease
from tests.support.waiting import wait_until


class Asked:
    """What a queue is asked; what it refuses is told by id."""

    visibility = 4

    def __init__(self):
        self.requests = []
        self.refusals = {}

    def change(self, leases, seconds):
        self.requests.append([one.id for one in leases])
        assert all(0 < left <= self.visibility for left in seconds)
        return [self.refusals.get(one.id) for one in leases]


@pytest.fixture
def kept():
    queue, lost = Asked(), []
    told = log.logger("test", "INFO")
    keeper = Keeper(queue, lost.append, Trouble(told), told)
    thread = threading.Thread(target=keeper.run)
    thread.start()
    yield keeper, queue, lost
    keeper.close()
    thread.join(10)


def test_those_that_end_first_are_extended_first_and_together(kept):
    keeper, queue, lost = kept
    due = [lease(f"{n}", deadline=1.0 + n / 1000) for n in range(25)]
    late = lease("late", deadline=4.0)
    keeper.watch([late, *reversed(due)])
    wait_until(lambda: sum(map(len, queue.requests)) >= 25, 5.0)
    assert [len(request) for request in queue.requests] == [10, 10, 5]
    assert [*chain(*queue.requests)] == [one.id for one in due]
    assert all(one.deadline - time.monotonic() > 3.0 for one in due)
    assert not lost


def test_what_has_ended_is_not_extended(kept):
    keeper, queue, _ = kept
    ended, other = lease("ended", deadline=1.0), lease("other", deadline=1.0)
    ended.ended = True
    keeper.watch([ended, other])
    wait_until(lambda: queue.requests, 5.0)
    assert queue.requests == [["other"]]


def test_what_the_service_refuses_is_lost_or_tried_again(kept):
    keeper, queue, lost = kept
    queue.refusals = {"gone": Refusal("ReceiptHandleIsInvalid", True), "busy": Refusal("x", False)}
    gone, busy = lease("gone", deadline=1.0), lease("busy", deadline=1.0)
    keeper.watch([gone, busy])
    wait_until(lambda: queue.requests.count(["busy"]) >= 2, 5.0)
    assert lost == [gone]


def test_no_lease_lasts_longer_than_the_service_allows(kept):
    keeper, queue, lost = kept
    old = lease("old", deadline=1.0)
    old.begun -= 12 * 3600
    keeper.watch([old])
    wait_until(lambda: lost == [old], 5.0)
    assert queue.requests == []


def test_what_runs_out_while_the_service_is_away_is_lost(kept):
    keeper, queue, lost = kept

    def change(leases, seconds):
        raise EndpointConnectionError(endpoint_url="http://h")

    queue.change = change
    short, long = lease("short", deadline=0.5), lease("long", deadline=30.0)
    keeper.watch([short, long])
    wait_until(lambda: lost, 5.0)
    assert set(lost) == {short}
