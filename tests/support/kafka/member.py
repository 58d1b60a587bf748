"""A runner as a process of its own, which a test may stop and let go on.

Arguments: the fields of KafkaSource as JSON. Each delivery is a line of output, "partition
offset"; the process ends in order on SIGTERM.
"""

import os
import sys
import time

import msgspec

from headrace.processing.outcomes import Outcomes
from headrace.runner.compose import run
from headrace.runner.kafka.settings import KafkaSource
from headrace.runner.settings import MappingSettings
from headrace.runner.stop import Stop, stop_on_signals
from tests.support.kafka.runs import QUICK


class Noting:
    """Takes 2 ms for each record."""

    def worker(self) -> "Noting":
        return self

    def run(self, records, deadline: float = 0.0) -> Outcomes:
        for record in records:
            time.sleep(0.002)
            os.write(1, b"%d %d\n" % (record.position.partition, record.position.offset))
        return Outcomes(records)


if __name__ == "__main__":
    stop = Stop()
    stop_on_signals(stop)
    source = msgspec.json.decode(sys.argv[1], type=KafkaSource)
    settings = MappingSettings(**{**QUICK, "log_level": "ERROR"})
    run(Noting(), source, settings, stop=stop)
