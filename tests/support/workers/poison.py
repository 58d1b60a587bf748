"""A worker that notes what it has done, and cannot do some records."""

import os

from headrace import Record, Worker, lambda_handler


class Picky(Worker):
    def setup(self) -> None:
        self._file = os.open(os.environ["NOTES"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def process(self, record: Record) -> None:
        if record.value is not None and record.value.startswith(b"poison"):
            raise ValueError(record.value.decode())
        os.write(self._file, b"%s\n" % record.value)

    def close(self) -> None:
        os.close(self._file)
        super().close()


handler = lambda_handler(Picky)
