"""Servers that end with their test."""

import threading

import pytest

from headrace import lambda_handler
from tests.support.serving import Echo, RunningServer


@pytest.fixture
def start(monkeypatch):
    """Starts a server of a function; settings go by their names without `serve_`."""
    servers = []
    monkeypatch.setattr(Echo, "gate", threading.Event())
    monkeypatch.setattr(Echo, "entered", threading.Semaphore(0))
    monkeypatch.setattr(Echo, "calls", 0)

    def begin(function=None, *, opened=True, timeout=None, api_key="", **settings):
        named = {f"serve_{name}": value for name, value in settings.items()}
        server = RunningServer(function_timeout_seconds=timeout, api_key=api_key, **named)
        servers.append(server)
        if opened:
            server.open(function or lambda_handler(Echo))
        return server

    yield begin
    Echo.gate.set()
    for server in servers:
        if server.running:
            server.drain(5)
