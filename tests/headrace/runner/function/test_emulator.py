"""The real runtime interface emulator and runtime client: what comes back of what goes wrong."""

import socket
import time

import pytest

from headrace.runner.function.errors import FunctionError, FunctionTimeout
from headrace.runner.function.open import open_invoker
from headrace.runner.protocol.events import kafka_event
from headrace.runner.settings import MappingSettings
from tests.support.function.emulator import emulator
from tests.support.runner import kafka_record

RECORDS = [kafka_record(offset, timestamp=1) for offset in range(5)]


@pytest.fixture
def put(tmp_path):
    """Runs a function of tests.support.hosted behind the emulator; gives an invoker of it."""
    opened = []

    def start(name, timeout=None, **env):
        running = emulator(tmp_path, f"tests.support.hosted.{name}", **env)
        url = running.__enter__()
        opened.append(lambda: running.__exit__(None, None, None))
        settings = MappingSettings(
            function=url, report_batch_item_failures=True, function_timeout_seconds=timeout
        )
        invoke = open_invoker(None, lambda records: kafka_event(records, "h:1"), settings)
        opened.append(invoke.close)
        _wait_for(url)
        return invoke

    yield start
    for end in reversed(opened):
        end()


def _wait_for(url):
    host, _, port = url.removeprefix("http://").partition(":")
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            socket.create_connection((host, int(port)), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(url)


def test_a_partial_response_comes_back(put):
    invoke = put("partial")
    for _ in range(3):
        assert invoke(RECORDS).failures.keys() == {3, 4}


def test_an_error_comes_back_under_its_name(put):
    invoke = put("failing")
    for _ in range(2):
        with pytest.raises(FunctionError, match="only here") as caught:
            invoke(RECORDS)
        assert type(caught.value).__name__ == "Local"


def test_the_emulator_s_own_timeout_is_a_timeout(put):
    with pytest.raises(FunctionTimeout, match="Task timed out after 1"):
        put("hanging", AWS_LAMBDA_FUNCTION_TIMEOUT="1")(RECORDS)


def test_the_timeout_of_the_mapping_is_one_too(put):
    with pytest.raises(FunctionTimeout, match="no answer within 2 s"):
        put("hanging", timeout=2)(RECORDS)


def test_a_function_that_ends_its_process_failed(put):
    with pytest.raises(FunctionError, match="exit"):
        put("exiting")(RECORDS)


def test_a_worker_that_cannot_start_failed(put):
    with pytest.raises(FunctionError):
        put("no_such_handler")(RECORDS)
