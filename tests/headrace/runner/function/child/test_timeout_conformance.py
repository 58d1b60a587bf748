"""The rules of the mapping again, with the function in child processes: nothing may change."""

import pytest

from tests.headrace.runner.test_conformance_mapping import *  # noqa: F403 - the same cases
from tests.support.conformance import SOURCES, Conformance
from tests.support.relay import relay

pytestmark = pytest.mark.slow(seconds=0.3)  # and there are more than a hundred

del test_age_is_checked_before_each_attempt  # noqa: F821 - a child may start after that age


class InChildren(Conformance):
    """Serves the function of a case to children, and gives them a timeout."""

    def _serve(self, function, stack):
        return None, stack.enter_context(relay(function))

    def run(self, records, act, **settings):
        return super().run(records, act, function_timeout_seconds=60.0, **settings)


@pytest.fixture(params=SOURCES)
def source(request):
    return request.param


@pytest.fixture(params=["records", "event"])
def case(request, source, monkeypatch):
    return InChildren(source, request.param, monkeypatch)


@pytest.fixture
def event_case(source, monkeypatch):
    return InChildren(source, "event", monkeypatch)
