"""`headrace registry start|stop|status`, as a developer types it."""

import json
import os
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from headrace.testing.brokers.process import free_ports

ROOT = Path(__file__).parents[2]


@pytest.fixture
def headrace(tmp_path):
    """Runs a command in a folder of its own; a registry that it started ends with the test."""

    def run(*arguments):
        command = [sys.executable, "-m", "headrace", *arguments]
        environ = os.environ | {"PYTHONPATH": str(ROOT)}
        return subprocess.run(
            command, cwd=tmp_path, env=environ, capture_output=True, text=True, timeout=60
        )

    yield run
    run("registry", "stop")


def test_a_registry_in_the_background_keeps_its_schemas(headrace):
    port = free_ports()
    url = f"http://127.0.0.1:{port}"
    assert headrace("registry", "status").returncode == 1
    for versions in ([1], [1, 2]):  # started twice: what was registered is there
        started = headrace("registry", "start", "--port", str(port))
        assert started.stdout.startswith(f"a schema registry answers at {url}: pid "), started
        assert headrace("registry", "start").stdout == started.stdout  # it runs already
        assert headrace("registry", "status").stdout == started.stdout
        assert len(versions) == register(url, '["null", "string"]' if versions[1:] else '"string"')
        assert headrace("registry", "stop").stdout == "stopped\n"
    assert headrace("registry", "stop").stdout == "no registry of ours is running\n"


def test_a_port_that_is_taken_is_one_line(headrace):
    port = str(free_ports())
    other = subprocess.Popen([sys.executable, "-m", "http.server", port, "--bind", "127.0.0.1"])
    try:
        while True:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/").close()
                break
            except OSError:
                continue
        refused = headrace("registry", "start", "--port", port)
    finally:
        other.kill()
        other.wait()
    assert refused.returncode == 1
    assert refused.stderr == f"headrace: port {port} is taken: give --port\n"


def register(url, schema):
    """Register a schema. Returns its version."""
    body = json.dumps({"schema": schema}).encode()
    request = urllib.request.Request(f"{url}/subjects/orders/versions", body, method="POST")
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)["version"]
