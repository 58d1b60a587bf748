"""What the two stream consumers share: log each message, and pass it on if a sink is set."""

from headrace.readable import readable
from headrace.record import KafkaPosition, KinesisPosition, Record
from headrace.worker import Worker


class LoggingConsumer(Worker):
    """Logs each message as structured JSON; with `HEADRACE_SINK_URL`, forwards it there unchanged.

    Subclass it and override `process` to do more than log.
    """

    def process(self, record: Record) -> object:
        """Log the record. Returns it, for the sink."""
        fields = place(record) | {
            "key": record.key,
            "value": readable(record.value),
            "lag_ms": record.lag(),
        }
        self.log.info("message", **fields)
        return record


def place(record: Record) -> dict[str, object]:
    """Where the record stands, in the names of its source."""
    match record.position:
        case KafkaPosition(topic, partition, offset):
            return {"topic": topic, "partition": partition, "offset": offset}
        case KinesisPosition(stream, shard, sequence_number):
            return {"stream": stream, "shard": shard, "sequence_number": sequence_number}
        case request:
            return {"request_id": str(request)}
