"""Windows of a minute, records that arrive in them, and a function that counts them."""

from headrace.record import KinesisPosition, Record
from headrace.runner.protocol.events import event_of
from headrace.runner.windows.windows import Windows

SHARD = "shardId-000000000000"
SECONDS = 60
BASE = 1_607_497_440  # 2020-12-09T07:04:00Z, a multiple of a minute


def record(number: int, second: float, value: bytes = b"") -> Record:
    """A record that arrived so many seconds after BASE."""
    position = KinesisPosition("clicks", SHARD, str(1000 + number))
    value = value or b"%d" % number
    return Record("kinesis", position, value, b"k", (), int((BASE + second) * 1000))


class Counting:
    """Counts records in its state, as the documentation's example does; notes its events."""

    def __init__(self, fail=()) -> None:
        self.events = []
        self.fail = list(fail)

    def __call__(self, event):
        self.events.append(event)
        if self.fail and self.fail.pop(0):
            raise ValueError("not now")
        if any(entry["kinesis"]["data"] == "YmFk" for entry in event["Records"]):
            raise ValueError("bad")
        return {"state": {"count": event["state"].get("count", 0) + len(event["Records"])}}

    def told(self):
        """Of each event: how many records, the state, and how it stands in its window."""
        return [
            (
                len(event["Records"]),
                event["state"].get("count", 0),
                event["window"]["start"][14:16],
                event["isFinalInvokeForWindow"],
                event["isWindowTerminatedEarly"],
            )
            for event in self.events
        ]


def windows(function, *, partial=False) -> Windows:
    return Windows(SECONDS, function, event_of, partial=partial)
