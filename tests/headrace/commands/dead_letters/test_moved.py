"""What a queue's redrive policy moved is listed, and goes back as it was sent."""

import pytest

from headrace.cli import main
from headrace.dead_letters.boxes.moved import moved_letter
from tests.support.sqs.queues import Queue, run_until_idle, worker


def run(*arguments):
    return main(["dead-letters", *arguments])


def failing(record):
    raise ValueError("not yet")


@pytest.mark.parametrize(
    ("fifo", "group"), [(False, None), (False, "a"), (True, "a")], ids=["standard", "fair", "fifo"]
)
def test_what_failed_too_often_is_listed_replayed_and_done(fifo, group, aws, capsys):
    """It was told of as no dead letter."""
    queue, seen = Queue(aws("sqs"), fifo=fifo, receives=1), []
    sent = {f"a{number}": "x" for number in range(9)} | {"key": "own"}
    queue.put("not JSON", '{"id": 1}', group=group, **sent)
    run_until_idle(worker(failing), queue)
    box = f"sqs://{queue.dead.name}"
    capsys.readouterr()

    assert run("list", box) == 0
    listed = capsys.readouterr().out
    assert listed.count("MaxReceiveCountExceeded") == listed.count(f"{queue.name}:") == 2
    assert run("replay", box, "--all", "--to", f"sqs://{queue.name}") == 0
    assert "replayed 2, failed 0, removed 2" in capsys.readouterr().out
    assert queue.dead.counts() == (0, 0)

    run_until_idle(worker(seen.append), queue)
    assert sorted(record.value for record in seen) == [b"not JSON", b'{"id": 1}']
    assert {record.key for record in seen} == {b"a" if fifo else None}
    for record in seen:
        tenant = dict(record.headers).get("aws.message-group")
        assert tenant == (b"a" if group and not fifo else None)
        own = {name: value.decode() for name, value in record.headers if name[:4] != "aws."}
        assert own == sent


def test_what_stands_behind_others_of_its_group_is_told_of(aws, capsys):
    """A list showed ten of them as if they were all."""
    queue = Queue(aws("sqs"), fifo=True, receives=1)
    queue.dead.put(*map(str, range(12)), group="a")

    assert run("list", f"sqs://{queue.dead.name}") == 0
    told = capsys.readouterr()
    assert told.out.count("MaxReceiveCountExceeded") == 10
    assert "about 2 more messages cannot be read before others of the same groups" in told.err


def test_a_message_that_nothing_moved_is_no_letter(aws, capsys):
    queue = Queue(aws("sqs"))
    queue.put("hello")
    assert run("list", f"sqs://{queue.name}") == 0
    assert "1 message is no dead letter" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arn", "sources", "origin"),
    [
        ("arn:aws:sqs:eu-west-1:1:orders.fifo", (), "orders.fifo"),  # as the service tells it
        ("arn:aws:sqs:eu-west-1:1:orders.fifo", ("orders.fifo", "more.fifo"), "orders.fifo"),
        (None, ("orders.fifo",), "orders.fifo"),
        (None, ("orders.fifo", "more.fifo"), "dead.fifo"),
    ],
)
def test_the_letter_names_the_queue_that_it_was_in(arn, sources, origin):
    about = {"SentTimestamp": "1700000000000", "MessageGroupId": "g"}
    message = {"MessageId": "m", "Body": "x", "Attributes": about}
    if arn:
        about["DeadLetterQueueSourceArn"] = arn
    letter = moved_letter(message, sources, "dead.fifo")
    assert (letter.id, letter.key, letter.timestamp) == (f"{origin}:m", b"g", 1700000000000)
