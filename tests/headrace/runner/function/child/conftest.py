"""Functions that are hosted in child processes, of which none outlives its test."""

import psutil
import pytest

from headrace.runner.function.open import open_invoker
from headrace.runner.protocol.events import kafka_event
from headrace.runner.settings import MappingSettings
from tests.support import hosted
from tests.support.function.children import others


@pytest.fixture
def host():
    """Opens invokers with a timeout (seconds), and closes them."""
    opened = []

    def start(function=hosted.handler, timeout=30, **settings):
        chosen = MappingSettings(function_timeout_seconds=timeout, **settings)
        opened.append(open_invoker(function, lambda batch: kafka_event(batch, "h:1"), chosen))
        return opened[-1]

    yield start
    for invoke in opened:
        invoke.close()


@pytest.fixture(autouse=True)
def _apart_from_others():
    others.clear()
    others.update(child.pid for child in psutil.Process().children())
