"""How `headrace serve` starts: its settings, and one line for what it cannot serve."""

import argparse
import os
import subprocess
import sys

import pytest

from headrace.commands import serve as serve_command
from headrace.serve.settings import ServeSettings
from headrace.settings import variable
from tests.support.served import ROOT, serve

pytestmark = pytest.mark.slow(seconds=0.7)


@pytest.mark.parametrize("flags", [(), ("--function-timeout-seconds", "60")])
@pytest.mark.parametrize(
    ("worker", "more", "line"),
    [
        ("workers.tumor_classifier", [], "tumor"),
        ("workers.nobody", [], "there is no module 'workers.nobody'"),
        ("workers.msk_consumer", ["--port", "99999"], "--port="),
        ("workers.msk_consumer", ["--concurrency", "0"], "--concurrency="),
    ],
)
def test_a_start_that_fails_is_one_line(worker, more, line, flags, tmp_path):
    command = [sys.executable, "-m", "headrace", "serve", worker, "--port", "0", *flags, *more]
    run = subprocess.run(
        command,
        cwd=ROOT,
        env={"HEADRACE_MODEL_ROOT": str(tmp_path), "PATH": ""},
        capture_output=True,
    )
    assert run.returncode == 1
    *before, last = run.stderr.decode().splitlines()
    assert all("not checked" in warning for warning in before)
    assert last.startswith("headrace: ")
    assert line in last


def test_without_the_server_one_line_says_what_brings_it():
    program = (
        "import sys; sys.modules['granian'] = None\n"
        "from headrace.cli import main\n"
        "sys.exit(main(['serve', 'tests.support.hosted', '--port', '0']))"
    )
    run = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 1
    assert "pip install 'headrace[serve]'" in run.stderr
    assert "Traceback" not in run.stderr


FIELDS = {
    "serve_host": ("--host", "0.0.0.0"),
    "serve_port": ("--port", "1234"),
    "serve_concurrency": ("--concurrency", "9"),
    "serve_invocations": ("--invocations", "true"),
    "serve_rollback": ("--rollback", "true"),
    "serve_certificate": ("--certificate", "a.pem"),
    "serve_certificate_key": ("--certificate-key", "a.key"),
    "serve_client_ca": ("--client-ca", "ca.pem"),
    "serve_client_revoked": ("--client-revoked", "crl.pem"),
    "serve_max_connections": ("--max-connections", "7"),
    "serve_max_body_bytes": ("--max-body-bytes", "99"),
    "serve_body_seconds": ("--body-seconds", "3"),
    "serve_idle_seconds": ("--idle-seconds", "4"),
    "serve_hang_seconds": ("--hang-seconds", "8"),
    "function_timeout_seconds": ("--function-timeout-seconds", "5"),
    "drain_timeout_seconds": ("--drain-timeout-seconds", "6"),
    "log_level": ("--log-level", "error"),
}


def served_with(*arguments):
    parser = argparse.ArgumentParser()
    serve_command.add_parser(parser.add_subparsers())
    return serve_command._settings(parser.parse_args(["serve", "worker", *arguments]))


TLS = ("serve_certificate", "serve_certificate_key", "serve_client_ca", "serve_client_revoked")


@pytest.mark.parametrize("name", ServeSettings.__struct_fields__)
def test_each_setting_is_a_flag_and_a_variable(name, monkeypatch):
    flag, text = FIELDS[name]
    if name in TLS:  # none of them goes alone
        for other in TLS:
            monkeypatch.setenv(variable(other), "other.pem")
    before = served_with()
    by_flag = served_with(flag, text)
    monkeypatch.setenv(variable(name), text)

    assert served_with() == by_flag != before


def test_a_worker_of_windows_answers_no_requests(tmp_path):
    (tmp_path / "totals.py").write_text(
        "from headrace import WindowWorker, lambda_handler\n"
        "class Totals(WindowWorker):\n"
        "    def add(self, state, record):\n"
        "        return state\n"
        "handler = lambda_handler(Totals)\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "headrace", "serve", "totals", "--port", "0"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 1
    assert "totals is for tumbling windows: no request is part of one" in done.stderr


_FROZEN = """
import gc

from headrace import Worker, lambda_handler


class Frozen(Worker):
    def process(self, record):
        return {"frozen": gc.get_freeze_count(), "others": len(gc.get_objects())}


handler = lambda_handler(Frozen)
"""


def test_the_collector_does_not_look_at_what_was_loaded(tmp_path):
    (tmp_path / "frozen.py").write_text(_FROZEN)

    with serve(tmp_path, "frozen", cwd=tmp_path, PYTHONPATH=str(ROOT)) as served:
        found = served.request("POST", "/").json()

    assert found["frozen"] > 10 * found["others"]
