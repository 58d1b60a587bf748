"""A runner in a process of its own, to be killed: notes every record in a file at once.

Arguments: endpoint, kinesis or dynamodb, stream or table, folder of checkpoints, notes, seconds for
each record.
"""

import os
import sys
import time
from pathlib import Path

from headrace.runner.stop import Stop
from tests.support.dynamodb.tables import TableRunner, number
from tests.support.kinesis.runner import StreamRunner


def main(endpoint: str, kind: str, name: str, folder: str, notes: str, seconds: str) -> None:
    file = os.open(notes, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def note(record) -> None:
        value = record.value if kind == "kinesis" else b"%d" % number(record)
        os.write(file, b"%s\n" % value)
        time.sleep(float(seconds))

    kinds = {"kinesis": StreamRunner, "dynamodb": TableRunner}
    runner = kinds[kind](endpoint, name, Path(folder))
    runner.run(note, Stop(when_idle=3), batch_size=5, uncommitted_batches=2)


if __name__ == "__main__":
    main(*sys.argv[1:])
