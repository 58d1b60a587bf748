"""A queue of dead letters is read whole, however long that takes."""

from headrace.dead_letters.boxes.sqs import SqsBox
from headrace.sinks.url import SinkUrl


class Slow:
    """A queue whose messages come into sight again before all were read."""

    def __init__(self, received: list[list[str]]) -> None:
        self.received = received

    def list_dead_letter_source_queues(self, **_):
        return {}

    def receive_message(self, **_):
        ids = self.received.pop(0) if self.received else []
        told = [{"MessageId": one, "ReceiptHandle": one, "Body": one} for one in ids]
        return {"Messages": told}


def read(*received: list[str]) -> tuple[list[bytes], Slow]:
    queue = Slow([*received])
    box = SqsBox(queue, "https://queue", SinkUrl.parse("sqs://queue"))
    return [stored.data for chunk in box.read() for stored in chunk], queue


def test_what_comes_again_meanwhile_ends_no_reading():
    """It ended there, and what was not read yet was as good as gone."""
    found, _ = read(["a"], ["b"], ["a"], ["b", "c"], ["a"])

    assert found == [b"a", b"b", b"c"]


def test_a_whole_turn_without_news_ends_it():
    found, queue = read(["a", "b"], ["a", "b"], ["b", "a"], ["a", "b"])

    assert found == [b"a", b"b"]
    assert len(queue.received) == 1
