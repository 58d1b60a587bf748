"""A runner on a table's changes is killed: nothing is lost, each item's changes are in order.

`CHAOS_MESSAGES` and `CHAOS_KILLS` make it a longer run.
"""

import os

import pytest

from headrace.testing.moto_server import embedded_kinesis
from tests.support.dynamodb.chaos import MOST_REPEATED_BY_A_KILL, TableChaos
from tests.support.dynamodb.rolling import RollingStreams

CHANGES = int(os.environ.get("CHAOS_MESSAGES", "400"))
KILLS = int(os.environ.get("CHAOS_KILLS", "3"))
STOPS = 2


@pytest.fixture
def moto():
    """A server that nobody else keeps busy."""
    with embedded_kinesis() as endpoint:
        yield endpoint


@pytest.mark.kinesis
@pytest.mark.slow(seconds=60)
@pytest.mark.timeout(max(600, CHANGES / 10))
def test_nothing_is_lost_and_the_changes_of_an_item_keep_in_order(moto, tmp_path):
    with RollingStreams(moto, every=max(25, CHANGES // 100)) as streams:
        chaos = TableChaos(CHANGES, moto, streams, tmp_path)
        try:
            chaos.run(KILLS, STOPS)
        finally:
            chaos.end()
    assert len(chaos.notes.distinct) == CHANGES
    assert chaos.notes.skipped() == []
    assert len(chaos.notes.all) - CHANGES <= KILLS * MOST_REPEATED_BY_A_KILL
