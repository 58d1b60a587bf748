"""Celery on SQS: `fill` writes the messages, `work` handles them on the solo pool, late acks."""

import os
import sys
import threading
from urllib.parse import urlsplit

from celery import Celery

from benchmarks.peers.stream import RECORDS, Job

app = Celery(
    "benchmark",
    broker=f"sqs://local:local@{urlsplit(os.environ['AWS_ENDPOINT_URL']).netloc}//",
)
app.conf.update(
    broker_transport_options={"region": "eu-west-1", "is_secure": False, "wait_time_seconds": 5},
    task_default_queue=os.environ["QUEUE_NAME"],
    task_ignore_result=True,
    task_acks_late=True,
    worker_prefetch_multiplier=10,
    worker_enable_remote_control=False,
)
job = Job()


@app.task(name="handle")
def handle(text: str) -> None:
    """Handle one message."""
    if job.handle(text.encode()):
        threading.Timer(0.5, os._exit, (0,)).start()  # after the last acknowledgements


def main() -> None:
    """Do what the argument says."""
    if sys.argv[1] == "fill":
        for _ in range(RECORDS):
            handle.delay(os.environ["QUEUE_BODY"])
        return
    app.worker_main(
        ["worker", "-P", "solo", "-c", "1", "-l", "ERROR", "--without-gossip", "--without-mingle"]
    )


main()
