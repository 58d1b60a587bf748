"""Runners are killed: whoever reads what is committed sees each result once.

CHAOS_RECORDS and CHAOS_KILLS say how many records there are, and how many runners are killed: `make
chaos` takes many.
"""

import pytest

from tests.support.kafka.broker import produce
from tests.support.kafka.results import Results
from tests.support.killed_runners import KILLS, RECORDS, KilledRunners

pytestmark = [pytest.mark.kafka, pytest.mark.slow(seconds=30)]


def test_each_result_is_there_once(kafka, topic, tmp_path):
    numbers, out = topic(3), topic(2)
    produce(kafka.bootstrap, numbers, range(RECORDS))
    reader = Results(kafka.bootstrap, out, 2)
    url = f"kafka://{kafka.bootstrap}/{out}?transactional=1&transaction.timeout.ms=2000"
    runners = KilledRunners(kafka.bootstrap, numbers, url, tmp_path, reader.count)

    for _ in range(KILLS):
        runners.kill_in_the_middle()
    runners.run_to_the_end()
    reader.read(3.0)  # what is twice may come late
    runners.check()
    reader.close()
