"""A worker that takes as long over a record `wait` as it takes a file to appear."""

import os
import time
from pathlib import Path

from headrace import Record, Worker, lambda_handler


class Waiting(Worker):
    def process(self, record: Record) -> None:
        while record.value == b"wait" and not Path(os.environ["GO"]).exists():
            time.sleep(0.02)


handler = lambda_handler(Waiting)
