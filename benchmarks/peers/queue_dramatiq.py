"""dramatiq-sqs: `fill` writes the messages, `work` handles them on one thread."""

import os
import sys
import threading

import dramatiq
from dramatiq_sqs import SQSBroker

from benchmarks.peers.stream import RECORDS, Job

broker = SQSBroker(namespace=os.environ["QUEUE_NAME"])
dramatiq.set_broker(broker)
job, done = Job(), threading.Event()


@dramatiq.actor(queue_name="jobs")
def handle(text: str) -> None:
    """Handle one message."""
    if job.handle(text.encode()):
        done.set()


def main() -> None:
    """Do what the argument says."""
    if sys.argv[1] == "fill":
        for _ in range(RECORDS):
            handle.send(os.environ["QUEUE_BODY"])
        return
    worker = dramatiq.Worker(broker, worker_threads=1)
    worker.start()
    done.wait()
    worker.stop()


main()
