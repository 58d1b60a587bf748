"""The supervisor's own waits; what its members do is in `test_processes`."""

import signal
import time

from headrace.log import logger
from headrace.runner.members.summed import SummedStats
from headrace.runner.members.supervisor import Supervisor
from headrace.runner.stop import Stop


def test_a_signal_that_is_handled_for_longer_than_a_look_takes_ends_it():
    supervisor = Supervisor([], 1, SummedStats(1), Stop(), 1.0, logger("runner", "ERROR"))

    def give_up(*_):
        raise TimeoutError("the look has no end")

    def slow(*_):
        signal.signal(signal.SIGALRM, give_up)
        time.sleep(0.1)

    before = signal.signal(signal.SIGALRM, slow)
    signal.setitimer(signal.ITIMER_REAL, 0.01, 1.0)
    try:
        assert supervisor._take_ended() == 0
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
