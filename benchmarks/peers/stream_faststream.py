"""FastStream on confluent-kafka: batches, acknowledged once they are handled."""

import asyncio

from faststream import AckPolicy, FastStream
from faststream.confluent import KafkaBroker, KafkaMessage

from benchmarks.peers.stream import BOOTSTRAP, GROUP, TOPIC, Job

broker = KafkaBroker(BOOTSTRAP, logger=None)
app = FastStream(broker, logger=None)
job = Job()


@broker.subscriber(
    TOPIC,
    group_id=GROUP,
    auto_offset_reset="earliest",
    ack_policy=AckPolicy.NACK_ON_ERROR,
    batch=True,
    max_records=1000,
)
async def handle(message: KafkaMessage) -> None:
    """Handle one batch."""
    for raw in message.raw_message:
        if await job.handle_async(raw.value()):
            app.exit()


asyncio.run(app.run())
