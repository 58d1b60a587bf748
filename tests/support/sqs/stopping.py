"""A run that is told to stop while one message is in work and others wait."""

import threading

from headrace.runner import Stats
from tests.support.sqs.queues import Queue, running, worker
from tests.support.waiting import wait_until


def stop_at_work(client) -> Stats:
    """Stop such a run. Raises if what waits is not back in its queue within a second."""
    queue, begun, go_on = Queue(client), threading.Event(), threading.Event()

    def process(_):
        begun.set()
        assert go_on.wait(30)

    queue.put(*range(30))
    with running(worker(process), queue, batch_size=1) as (stats, stop):
        assert begun.wait(30)
        wait_until(lambda: stats.snapshot().partitions[0].buffered >= 1)
        stop.request()
        wait_until(lambda: queue.counts() == (29, 1), 1.0)
        go_on.set()
    assert queue.counts() == (29, 0)
    return stats
