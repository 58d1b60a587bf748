"""FastStream on confluent-kafka, records at once.

It has no way to do that at least once: with workers, a message is acknowledged when it arrives.
"""

import asyncio

from faststream import AckPolicy, FastStream
from faststream.confluent import KafkaBroker, KafkaMessage

from benchmarks.peers.stream import BOOTSTRAP, CONCURRENCY, GROUP, TOPIC, Job

broker = KafkaBroker(BOOTSTRAP, logger=None)
app = FastStream(broker, logger=None)
job = Job()


@broker.subscriber(
    TOPIC,
    group_id=GROUP,
    auto_offset_reset="earliest",
    ack_policy=AckPolicy.ACK_FIRST,
    max_workers=CONCURRENCY,
)
async def handle(message: KafkaMessage) -> None:
    """Handle one record."""
    if await job.handle_async(message.raw_message.value()):
        app.exit()


asyncio.run(app.run())
