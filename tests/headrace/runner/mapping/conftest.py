"""A mapping that looks in on its handlers often."""

import pytest


@pytest.fixture(autouse=True)
def _look_in_often(monkeypatch):
    """The source is polled soon, though the handler is at work."""
    monkeypatch.setattr("headrace.runner.handler_threads._LOOK_IN_SECONDS", 0.005)
