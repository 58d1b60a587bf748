"""Which shards of a stream are there, which of them are read, and when one is finished."""

import logging
from types import SimpleNamespace

import pytest

from headrace.runner.kinesis.stream import Stream, hash_keys, is_child
from headrace.runner.shards.checkpoints import Checkpoints
from headrace.runner.shards.poller import ShardsPoller
from headrace.runner.shards.start import ShardStart
from headrace.runner.shards.stream import readable
from tests.support.kinesis.listing import ListingClient, shard


@pytest.mark.parametrize(
    ("finished", "expected"),
    [
        (set(), ["a"]),
        ({"a"}, ["b", "c"]),
        ({"a", "b"}, ["c"]),
        ({"a", "c"}, ["b"]),
        ({"a", "b", "c"}, ["d"]),
        ({"a", "b", "c", "d"}, []),
    ],
)
def test_a_shard_is_read_when_both_its_parents_are_done(finished, expected):
    shards = [shard("d", "b", "c"), shard("a"), shard("b", "a"), shard("c", "a")]
    assert [s["ShardId"] for s in readable(shards, finished)] == expected


def test_parents_that_have_gone_from_the_stream_hold_back_nothing():
    shards = [shard("c", "a", "b"), shard("d", "c")]
    assert [s["ShardId"] for s in readable(shards, set())] == ["c"]


def test_a_parent_that_a_listing_lacks_for_a_moment_is_waited_for_while_it_is_read():
    shards = [shard("b", "a")]
    assert readable(shards, finished=set(), reading={"a"}) == []
    assert readable(shards, finished={"a"}, reading=set()) == shards


def test_the_hash_keys_of_a_shard():
    assert hash_keys(shard("a")) == range(2**128)
    assert (is_child(shard("a")), is_child(shard("b", "a"))) == (False, True)


def test_a_stream_of_more_than_a_thousand_shards_is_listed_whole():
    assert len({s["ShardId"] for s in Stream(ListingClient(), "large").shards()}) == 3000


def test_a_shard_whose_last_records_come_at_the_last_moment_is_not_finished(tmp_path):
    """The channel may be found idle just before the reader feeds the last records and ends."""
    with Checkpoints(tmp_path / "c.sqlite") as checkpoints:
        stream = Stream(ListingClient(), "large")
        poller = ShardsPoller(stream, checkpoints, ShardStart(), open_reading=None)
        reader = SimpleNamespace(
            error=None, ended=False, answered=True, channel="channel", note=lambda state: 0
        )
        poller.start(LateIntake(lambda: setattr(reader, "ended", True)))
        poller._open_shards = lambda: None
        poller._readers["shardId-0"] = reader
        poller.poll(0)
        assert checkpoints.load(stream.identity) == {}
        poller.poll(0)
        assert checkpoints.load(stream.identity)["shardId-0"].finished


class LateIntake:
    """Finds a channel idle, and only then are its last records fed."""

    log = logging.getLogger()

    def __init__(self, when_asked) -> None:
        self._when_asked = when_asked

    def state(self, channel) -> SimpleNamespace:
        self._when_asked()
        return SimpleNamespace(idle=True)

    def wait(self, seconds: float) -> None: ...

    def age(self, milliseconds) -> None: ...

    def abandon(self, channels) -> None: ...
