"""Where an answer of GetRecords stands: at the end of its shard, or not."""

import pytest

from headrace.runner.shards.bytes_ahead import BytesAhead
from headrace.runner.shards.get_records import Answer, GetRecords
from headrace.runner.shards.start import ShardStart


class FullShard:
    """Gives as many records as it is asked for, until none is left; all came at once."""

    pause = 0.2
    most = 3

    def __init__(self, count: int) -> None:
        self.left = list(range(count))

    def iterator(self, start: ShardStart) -> str:
        return "first"

    def read(self, iterator: str, limit: int) -> Answer:
        taken, self.left = self.left[:limit], self.left[limit:]
        return Answer(taken, len(taken), str(taken[-1]) if taken else None, 0, "next")


@pytest.mark.parametrize(("count", "behind"), [(2, [0, 0]), (3, [1, 0]), (5, [1, 0])])
def test_a_full_answer_is_not_the_end_though_the_service_tells_no_lag(count, behind):
    """A tumbling window was closed after the first answer, with more of it to come."""
    method = GetRecords(FullShard(count), ShardStart(), 1.0, BytesAhead())

    assert [method.read().behind for _ in behind] == behind
