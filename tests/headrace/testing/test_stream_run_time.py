"""Time passes on an in-memory topic without anybody who waits."""

import time

from headrace.testing import StreamRun
from tests.support.orders import Orders, ids, orders


def test_an_hour_of_retries_takes_no_time():
    run = StreamRun(Orders, dead_letters=False)
    run.produce(orders(13))
    began = time.monotonic()
    assert not run.run(seconds=3600)
    assert run.clock.now > 3500
    assert len(run.delivered) > 100
    assert time.monotonic() - began < 10


def test_a_record_may_grow_too_old():
    run = StreamRun(Orders, maximum_record_age_in_seconds=60, batch_size=1)
    run.produce(orders(13))
    run.run(seconds=30)
    assert run.dead_letters == []
    run.run(seconds=60)
    assert [letter.error_type for letter in run.dead_letters] == ["RecordAgeExceeded"]


def test_what_is_written_later_is_read_later():
    run = StreamRun(Orders)
    run.produce(orders(1))
    assert run.run()
    run.produce([{"id": "late", "amount": 1}])
    assert ids(run.unfinished) == ["late"]
    assert run.run()
    assert run.results[-1] == {"id": "late"}


def test_time_may_pass_without_a_runner():
    run = StreamRun(Orders, maximum_record_age_in_seconds=60)
    run.stop()
    run.produce(orders(1))
    run.clock.now += 3600
    run.restart()
    assert run.run()
    assert [letter.error_type for letter in run.dead_letters] == ["RecordAgeExceeded"]


def test_time_passes_over_several_runs():
    run = StreamRun(Orders, maximum_batching_window_in_seconds=60)
    run.produce(orders(1))
    assert not run.run(seconds=59)
    assert run.results == []
    assert run.run(seconds=2)
    assert run.results == [{"id": 0}]
