"""Queues on a stand-in, and runs of a function on them."""

import json
import threading
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from headrace import Worker, lambda_handler
from headrace.runner import MappingSettings, SqsSource, Stats, Stop, run

SOURCE = ("on_success_url", "maximum_event_age_in_seconds")


class Queue:
    """A new queue.

    Args:
        client: of the stand-in.
        fifo: whether it keeps the order of groups.
        visibility: its visibility timeout, in seconds.
        receives: after so many deliveries a message goes to `dead`.
    """

    def __init__(self, client, *, fifo=False, visibility=30, receives=None):
        self.client = client
        end = ".fifo" if fifo else ""
        self.name = f"q-{uuid.uuid4().hex[:12]}{end}"
        attributes = {"VisibilityTimeout": str(visibility)}
        if fifo:
            attributes["FifoQueue"] = "true"
        if receives:
            self.dead = Queue(client, fifo=fifo)
            policy = {"deadLetterTargetArn": self.dead.arn, "maxReceiveCount": receives}
            attributes["RedrivePolicy"] = json.dumps(policy)
        self.url = client.create_queue(QueueName=self.name, Attributes=attributes)["QueueUrl"]

    def is_there(self) -> bool:
        """Whether the server knows it: one that is started again lists it before."""
        try:
            return bool(self.attributes())
        except self.client.exceptions.QueueDoesNotExist:
            return False

    @property
    def arn(self) -> str:
        return self.attributes()["QueueArn"]

    def attributes(self) -> dict[str, str]:
        return self.client.get_queue_attributes(QueueUrl=self.url, AttributeNames=["All"])[
            "Attributes"
        ]

    def put(self, *bodies: object, group: str | None = None, **attributes: str) -> list[str]:
        """Send messages; returns their ids. Bodies that are no text are sent as JSON."""
        more = {name: {"DataType": "String", "StringValue": v} for name, v in attributes.items()}
        ids = []
        for begin in range(0, len(bodies), 10):
            entries: list[dict[str, Any]] = [
                {
                    "Id": str(n),
                    "MessageBody": body if isinstance(body, str) else json.dumps(body),
                    "MessageAttributes": more,
                }
                for n, body in enumerate(bodies[begin : begin + 10])
            ]
            for entry in entries if group else ():
                entry |= {"MessageGroupId": group, "MessageDeduplicationId": uuid.uuid4().hex}
            answer = self.client.send_message_batch(QueueUrl=self.url, Entries=entries)
            ids += [entry["MessageId"] for entry in answer["Successful"]]
        return ids

    def counts(self) -> tuple[int, int]:
        """How many messages are visible, and how many are not."""
        told = self.attributes()
        hidden = told["ApproximateNumberOfMessagesNotVisible"]
        return int(told["ApproximateNumberOfMessages"]), int(hidden)

    def bodies(self) -> list[str]:
        """The bodies of visible messages, which are taken out."""
        found = []
        while got := self.client.receive_message(QueueUrl=self.url, MaxNumberOfMessages=10).get(
            "Messages"
        ):
            for message in got:
                found.append(message["Body"])
                self.client.delete_message(
                    QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"]
                )
        return found


def worker(process: Callable[[Any], Any]) -> Any:
    """The handler of a worker whose `process` is this function of a record."""

    class Given(Worker):
        def process(self, record):
            return process(record)

    return lambda_handler(Given)


def source_of(queue: Queue, **settings: Any) -> SqsSource:
    # Asked twice at once, moto hands out messages of one group to both.
    receivers = 1 if queue.name.endswith(".fifo") else 4
    own = {"receive_wait_seconds": 1, "receivers": receivers}
    return SqsSource(queue=queue.name, **own | settings)


def run_until_idle(
    handler: Any, queue: Queue, *, idle: float = 1.0, source: Any = None, **settings: Any
) -> Stats:
    """Run a function until its queue has been empty for a while."""
    stats, stop = Stats(), Stop(when_idle=idle)
    run(handler, source or source_of(queue), MappingSettings(**settings), stats=stats, stop=stop)
    return stats


@contextmanager
def running(
    handler: Any, queue: Queue, *, source: Any = None, **settings: Any
) -> Iterator[tuple[Stats, Stop]]:
    """Run a function on another thread; at the end it is asked to stop, and waited for."""
    stats, stop = Stats(), Stop()
    broken: list[BaseException] = []

    def work() -> None:
        try:
            run(
                handler,
                source or source_of(queue),
                MappingSettings(**settings),
                stats=stats,
                stop=stop,
            )
        except BaseException as error:
            broken.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield stats, stop
    finally:
        stop.request()
        thread.join(30)
    assert not thread.is_alive()
    if broken:
        raise broken[0]


def of_group(notes: Sequence[tuple[str, int]], group: str) -> list[int]:
    """The numbers of a group, in the order in which they came."""
    return [number for name, number in notes if name == group]


def called(queue, function, **more):
    """Run for asynchronous invocations until the queue is idle; `SOURCE` are fields of it."""
    of_source = {name: more.pop(name) for name in list(more) if name in SOURCE}
    source = source_of(queue, asynchronous=True, **of_source)
    return run_until_idle(function, queue, source=source, **more)
