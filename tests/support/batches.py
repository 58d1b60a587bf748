"""Batches of records, and workers that fail where they are told to."""

from hypothesis import strategies as st

from headrace import Worker
from headrace.errors import Reject
from headrace.record import KafkaPosition, KinesisPosition, Record
from headrace.worker import WorkerSettings
from headrace.worker_host import WorkerHost

KEYS = st.sampled_from([None, b"a", b"b", b"c"])
FATES = st.sampled_from(["done", "done", "done", "fail", "reject"])


@st.composite
def kafka_batches(draw):
    """Records of up to three partitions with gaps between offsets, each with a fate."""
    batch = []
    for partition in range(draw(st.integers(1, 3))):
        offset = draw(st.integers(0, 5))
        for key, fate, gap in draw(
            st.lists(st.tuples(KEYS, FATES, st.integers(1, 3)), max_size=12)
        ):
            position = KafkaPosition("orders", partition, offset)
            batch.append((Record("kafka", position, b"v", key), fate))
            offset += gap
    return batch


@st.composite
def kinesis_batches(draw):
    """Records of one shard; sequence numbers of different lengths, as text not in order."""
    numbers = sorted(draw(st.sets(st.integers(0, 10**6), max_size=12)))
    return [
        (
            Record(
                "kinesis",
                KinesisPosition("readings", "shardId-0", str(number)),
                b"v",
                draw(st.sampled_from([b"a", b"b", b"c"])),
            ),
            draw(FATES),
        )
        for number in numbers
    ]


class Scripted:
    """Processes each record to its fate, and remembers which it was given."""

    def __init__(self, batch):
        self.fates = {record.id: fate for record, fate in batch}
        self.seen = []

    def process(self, record):
        """Return, raise or reject, as written."""
        self.seen.append(record)
        fate = self.fates[record.id]
        if fate == "fail":
            raise RuntimeError("as written")
        if fate == "reject":
            raise Reject("as written")
        return record.id

    def process_batch(self, records):
        """The same for a whole batch: exceptions are returned."""
        return [self._outcome(record) for record in records]

    def _outcome(self, record):
        try:
            return self.process(record)
        except Exception as error:
            return error


def records(*keys):
    """Records of one partition, one of each key."""
    return [Record("kafka", KafkaPosition("t", 0, i), b"", key) for i, key in enumerate(keys)]


def host_of(process, sink=None, dead_letters=None, **settings):
    """A host of a worker that has this method."""
    kind = type("Made", (Worker,), {"process": lambda self, record: None})
    kind.process = process
    return WorkerHost(kind(settings=WorkerSettings(**settings)), sink, dead_letters)


def acknowledge(record, error):
    """A dead-letter sink that takes everything."""
