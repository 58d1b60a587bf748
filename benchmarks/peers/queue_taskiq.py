"""taskiq-aio-sqs: `fill` writes the messages, `work` handles them, ten of a request."""

import asyncio
import os
import sys

from taskiq.api import run_receiver_task
from taskiq_aio_sqs import SQSBroker

from benchmarks.peers.stream import RECORDS, Job

broker = SQSBroker(
    os.environ["QUEUE_NAME"],
    endpoint_url=os.environ["AWS_ENDPOINT_URL"],
    region_name=os.environ["AWS_DEFAULT_REGION"],
    aws_access_key_id="local",
    aws_secret_access_key="local",
    max_number_of_messages=10,
    wait_time_seconds=5,
)
job, done = Job(), asyncio.Event()


@broker.task
async def handle(text: str) -> None:
    """Handle one message."""
    if job.handle(text.encode()):
        done.set()


async def main() -> None:
    """Do what the argument says."""
    await broker.startup()
    if sys.argv[1] == "fill":
        for _ in range(RECORDS):
            await handle.kiq(os.environ["QUEUE_BODY"])
    else:
        receiving = asyncio.create_task(run_receiver_task(broker))
        await done.wait()
        await asyncio.sleep(0.5)  # the last acknowledgements
        receiving.cancel()
    await broker.shutdown()


asyncio.run(main())
