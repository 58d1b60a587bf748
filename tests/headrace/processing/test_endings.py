"""What would end the process fails its own record alone, but for Ctrl-C on the main thread."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest

from headrace import Worker
from headrace.errors import summary_of
from headrace.processing import isolation as batch
from headrace.record import KafkaPosition, Record
from headrace.worker import WorkerSettings
from headrace.worker_host import WorkerHost
from tests.support.batches import acknowledge


class Unspeakable(Exception):
    """An error of a user's that cannot even be shown."""

    def __str__(self):
        raise SystemExit(0)


# As libraries that are written in Rust raise it where a record makes them panic.
PanicException = type("PanicException", (BaseException,), {"__module__": "pyo3_runtime"})

ENDINGS = [
    SystemExit(0),
    KeyboardInterrupt(),  # on a handler's thread it is no person's
    GeneratorExit(),
    asyncio.CancelledError(),
    BaseExceptionGroup("several", [SystemExit(1), ValueError()]),
    PanicException("index out of bounds"),
    Unspeakable(),
]


@pytest.mark.parametrize("method", ["process", "process_batch"])
@pytest.mark.parametrize("style", ["plain", "async"])
@pytest.mark.parametrize("error", ENDINGS, ids=lambda error: type(error).__name__)
def test_what_would_end_the_process_fails_its_own_record_alone(error, style, method):
    def process(self, record):
        if record.key == b"1":
            raise error
        return record.key.decode()

    def process_batch(self, records):
        return [process(self, record) for record in records]

    act = {"process": process, "process_batch": process_batch}[method]

    async def act_async(self, given):
        return act(self, given)

    kind = type("Made", (Worker,), {method: act if style == "plain" else act_async})
    records = [Record("kafka", KafkaPosition("t", 0, i), b"", b"%d" % i) for i in range(3)]
    host = WorkerHost(kind(settings=WorkerSettings()))

    with ThreadPoolExecutor(1) as thread:  # as the runner and the server have them
        outcomes = thread.submit(host.run, records).result()
    host.close()

    assert list(outcomes.failures) == [1]
    assert [outcomes.results[0], outcomes.results[2]] == ["0", "2"]
    assert summary_of(outcomes.failures[1]).endswith(summary_of(error))


def test_ctrl_c_ends_a_batch_on_the_main_thread():
    def process(record):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        batch.run(process, [Record("kafka", KafkaPosition("t", 0, 0), b"")], acknowledge)
