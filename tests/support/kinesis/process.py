"""A runner in a process of its own, to be killed: notes every record in a file at once.

Arguments: endpoint, stream, checkpoint file, notes, seconds for each record.
"""

import os
import sys
import time
from pathlib import Path

from headrace.runner.stop import Stop
from tests.support.kinesis.runner import StreamRunner


def main(endpoint: str, stream: str, folder: str, notes: str, seconds: str) -> None:
    file = os.open(notes, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def note(record) -> None:
        os.write(file, b"%s\n" % record.value)
        time.sleep(float(seconds))

    runner = StreamRunner(endpoint, stream, Path(folder))
    runner.run(note, Stop(when_idle=3), batch_size=5, uncommitted_batches=2)


if __name__ == "__main__":
    main(*sys.argv[1:])
