"""Commits that do not block: one on its way, answers to their askers, nothing for what is lost."""

import pytest

from headrace.runner.kafka.commits import OffsetCommits
from headrace.runner.kafka.consumer import ConsumerError

AWAY = ConsumerError("no broker")


class Sending:
    """A consumer that keeps what it sends.

    Attributes:
        sent: offsets of each commit.
        stored: what the broker says is committed.
    """

    def __init__(self) -> None:
        self.sent = []
        self.stored = {}
        self.refuse = False

    def commit(self, offsets):
        if self.refuse:
            raise AWAY
        self.sent.append(offsets)

    def committed(self, partitions, timeout):
        return {partition: self.stored[partition] for partition in self.stored.keys() & partitions}


@pytest.fixture
def consumer():
    return Sending()


@pytest.fixture
def commits(consumer):
    return OffsetCommits(consumer)


def test_one_is_on_its_way_at_a_time_and_the_next_follows_its_answer(consumer, commits):
    answers = []
    commits.send({0: 5}, answers.append)
    commits.send({0: 9, 1: 2}, answers.append)
    assert consumer.sent == [{0: 5}]
    assert answers == []
    assert commits.age > 0
    commits.take_answer({0: 5}, {})
    assert answers == [{0: None}]
    assert consumer.sent == [{0: 5}, {0: 9, 1: 2}]
    commits.take_answer({0: 9, 1: 2}, {})
    assert answers[1:] == [{0: None, 1: None}]
    assert commits.age == 0


def test_an_error_reaches_who_asked_for_each_partition(consumer, commits):
    answers = []
    commits.send({0: 5, 1: 6}, answers.append)
    commits.take_answer({0: 5, 1: 6}, {1: AWAY})
    assert answers == [{0: None, 1: AWAY}]


def test_a_commit_that_cannot_be_sent_is_answered_at_once(consumer, commits):
    consumer.refuse = True
    answers = []
    commits.send({0: 5}, answers.append)
    assert answers == [{0: AWAY}]
    consumer.refuse = False
    commits.send({0: 5}, answers.append)
    assert consumer.sent == [{0: 5}]


def test_nothing_waits_for_partitions_that_are_gone(consumer, commits):
    answers = []
    commits.send({0: 5}, answers.append)
    commits.send({0: 9, 1: 2}, answers.append)
    commits.send({0: 10}, answers.append)
    commits.forget([0])
    commits.take_answer({0: 5}, {})
    assert consumer.sent[1:] == [{1: 2}]
    commits.take_answer({1: 2}, {})
    assert answers == [{0: None}, {1: None}, {}]
    assert commits.age == 0


def test_a_confirmation_asks_the_broker_and_its_answer_confuses_nobody(consumer, commits):
    answers = []
    commits.send({0: 5}, answers.append)
    consumer.stored = {0: 9}
    commits.confirm({0: 9})
    commits.take_answer({0: 9}, {})  # comes later, and is nobody's
    assert answers == []
    commits.take_answer({0: 5}, {})
    assert answers == [{0: None}]


@pytest.mark.parametrize("stored", [{}, {0: 8}])
def test_what_the_broker_has_not_got_is_not_confirmed(consumer, commits, stored):
    consumer.stored = stored
    with pytest.raises(ConsumerError, match="confirm"):
        commits.confirm({0: 9})


def test_a_commit_that_waited_is_not_sent_backwards_after_a_confirmation(consumer, commits):
    """WHEN a position is confirmed THEN an older one that still waits is not sent any more."""
    commits.send({1: 5}, lambda _: None)
    commits.send({0: 5}, lambda _: None)
    consumer.stored = {0: 8, 1: 6}
    commits.confirm({0: 8, 1: 6})
    commits.take_answer({1: 5}, {})
    assert consumer.sent == [{1: 5}, {0: 8, 1: 6}]
