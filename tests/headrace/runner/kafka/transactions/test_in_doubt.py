"""A transaction whose end is not known, and a broker or a client that takes part in none."""

import random
import threading
import time
from itertools import chain

import pytest

from headrace.errors import SettingsError
from headrace.runner.kafka.transactions.writer import InDoubt, TransactionWriter
from tests.support.kafka.results import ALL, COUNT, number
from tests.support.waiting import wait_until

pytestmark = pytest.mark.kafka


def test_a_broker_that_takes_no_transactions_ends_the_run_at_its_start(numbers, out, lives):
    url = f"kafka:///{out}?transactional=1&transaction.timeout.ms=99000000"
    life = lives(numbers, url, number)
    life.thread.join(60)
    with pytest.raises(SettingsError, match="no transaction can begin"):
        life.end()
    life.error = None


def test_a_transaction_in_doubt_is_looked_up(numbers, out, lives, results, monkeypatch):
    """GIVEN commits without an answer, some of which happened, THEN each result is there once."""
    lost = []
    chances = chain((0.1, 0.5), iter(random.random, None))  # both kinds happen
    write = TransactionWriter.write

    def lose(writer, happened):
        lost.append(happened)
        writer._drop(writer._recover())
        raise InDoubt("the answer is lost")

    def losing(self, messages, *more):
        chance = next(chances) if messages else 1.0
        if chance < 0.3:
            lose(self, happened=False)
        write(self, messages, *more)
        if chance < 0.6:
            lose(self, happened=True)

    def slowly(record):
        time.sleep(0.004)
        return number(record)

    monkeypatch.setattr(TransactionWriter, "write", losing)
    reader = results(out, 2)
    life = lives(numbers, f"kafka:///{out}?transactional=1", slowly)
    wait_until(lambda: reader.read().total() >= COUNT)
    life.end()
    assert reader.read(1.0) == ALL
    assert {*lost} == {True, False}


def test_a_client_that_does_not_come_back_has_a_successor(
    numbers, out, lives, results, monkeypatch
):
    """GIVEN calls that hang, as when a broker was away, THEN each result is there once."""
    hung, goes_on = [], threading.Event()
    attempt = TransactionWriter._attempt

    def hanging(self, producer, messages, *more):
        if messages and len(hung) < 2:
            hung.append(producer)
            goes_on.wait(60)
        attempt(self, producer, messages, *more)

    monkeypatch.setattr(TransactionWriter, "_attempt", hanging)
    monkeypatch.setattr("headrace.runner.kafka.transactions.writer._MOST_SECONDS", 3.0)
    reader = results(out, 2)
    life = lives(numbers, f"kafka:///{out}?transactional=1", number)
    wait_until(lambda: reader.read().total() >= COUNT)
    goes_on.set()  # what comes late is undone
    time.sleep(1.0)
    life.end()
    assert reader.read(1.0) == ALL
    assert len(hung) == 2
