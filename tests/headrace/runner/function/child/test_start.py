"""Whether a function with a timeout can start in a child process."""

import os

import pytest

from headrace.errors import HeadraceError, SettingsError
from headrace.runner.function.errors import FunctionExited
from headrace.runner.function.open import open_invoker
from headrace.runner.settings import MappingSettings
from tests.support import hosted
from tests.support.function.children import children, records

pytestmark = pytest.mark.slow(seconds=0.6)


def test_a_worker_that_cannot_start_ends_the_start(host, monkeypatch):
    monkeypatch.setenv("HOSTED_SETUP", "no model")
    with pytest.raises(HeadraceError, match=r"cannot start: .*no model"):
        host()
    assert not children()


def test_a_process_that_ends_while_it_starts_ends_the_start(host, monkeypatch):
    monkeypatch.setenv("HOSTED_SETUP", "exit")
    with pytest.raises(FunctionExited, match="exit status 9"):
        host()
    assert not children()


def test_a_function_that_no_other_process_can_import_ends_the_start(host):
    with pytest.raises(SettingsError, match="HEADRACE_FUNCTION_TIMEOUT_SECONDS"):
        host(lambda event, context: None)


def test_a_timeout_without_time_to_work_in_ends_the_start(host, monkeypatch):
    monkeypatch.setenv("HEADRACE_DEADLINE_RESERVE_SECONDS", "2")
    with pytest.raises(
        SettingsError, match=r"HEADRACE_FUNCTION_TIMEOUT_SECONDS=2 .*RESERVE_SECONDS=2"
    ):
        host(timeout=2)


def test_without_a_timeout_there_is_no_child():
    invoke = open_invoker(hosted.handler, lambda batch: {}, MappingSettings())
    assert invoke(records("")).results == [os.getpid()]
    assert not children()
