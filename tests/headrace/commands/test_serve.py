"""`headrace serve` as users start it: both inference workers over real HTTP, and the signals."""

import argparse
import base64
import io
import json
import os
import signal
import subprocess
import sys
import threading
import time

import pytest
import urllib3
from PIL import Image

from headrace.commands import serve as serve_command
from headrace.runner.function.http import INVOCATIONS
from headrace.serve.settings import ServeSettings
from headrace.settings import variable
from headrace.store.publisher import Publisher
from tests.support.models import three_boxes, tumor
from tests.support.served import ROOT, serve
from tests.support.waiting import wait_until

pytestmark = pytest.mark.slow(seconds=0.7)


def white_picture():
    file = io.BytesIO()
    Image.new("RGB", (32, 24), "white").save(file, "PNG")
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    root = tmp_path_factory.mktemp("models")
    tumor.publish(root)
    three_boxes.publish(Publisher(root))
    return str(root)


@pytest.fixture(scope="module", params=[(), ("--function-timeout-seconds", "60")])
def classifier(request, models, tmp_path_factory):
    folder = tmp_path_factory.mktemp("classifier")
    flags = ("--invocations", "true", *request.param)
    with serve(folder, "workers.tumor_classifier", *flags, HEADRACE_MODEL_ROOT=models) as served:
        yield served


@pytest.fixture(scope="module")
def detector(models, tmp_path_factory):
    folder = tmp_path_factory.mktemp("detector")
    env = {"HEADRACE_MODEL_ROOT": models, "HEADRACE_IMAGE_ALLOW_DATA": "true"}
    with serve(folder, "workers.object_detector", **env) as served:
        yield served


def test_the_classifier_answers(classifier):
    answer = classifier.request("POST", "/predict", body=json.dumps(tumor.EVENT))
    assert (answer.status, answer.json()) == (200, {"result": "B"})
    assert answer.headers["content-type"] == "application/json"


def test_the_classifier_explains_a_bad_request(classifier):
    answer = classifier.request("POST", "/predict", body=b'{"radius_mean": "wide"}')
    assert answer.status == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["errors"]


def test_a_request_without_the_body_that_a_worker_needs_is_refused(classifier, detector):
    for server in (classifier, detector):
        answer = server.request("POST", "/")
        assert answer.status == 400
        assert answer.json()["detail"] == "the request has no body"


def test_the_classifier_is_a_runtime_interface(classifier):
    answer = classifier.request("POST", INVOCATIONS, body=json.dumps(tumor.EVENT))
    assert answer.json() == {"result": "B"}


def test_the_detector_answers(detector):
    answer = detector.request("POST", "/", body=json.dumps({"url": white_picture()}))
    assert answer.status == 200
    assert answer.json()["detection_class_entities"] == ["cat", "dog"]


def test_the_detector_draws(detector):
    body = json.dumps({"url": white_picture(), "draw": True})
    answer = detector.request("POST", "/", body=body)
    assert (answer.status, answer.headers["content-type"]) == (200, "image/png")
    with Image.open(io.BytesIO(answer.data)) as drawn:
        assert drawn.size == (32, 24)


def test_probes_and_a_line_for_each_request(detector):
    assert detector.request("GET", "/healthz").status == 200
    assert detector.request("GET", "/readyz").status == 200
    detector.request("POST", "/there?a=1", body=b"{")  # a query may hold a secret
    wait_until(lambda: requests(detector) and requests(detector)[-1]["path"] == "/there")
    assert requests(detector)[-1]["status"] == 400
    assert not [line for line in requests(detector) if "healthz" in line["path"]]


def requests(served):
    return [line for line in served.lines() if line["message"] == "request"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("flags", [(), ("--function-timeout-seconds", "60")])
def test_a_signal_lets_the_running_request_finish_and_exits_zero(number, flags, tmp_path):
    with serve(tmp_path, "tests.support.hosted", *flags) as served:
        notes, answers = tmp_path / "notes", []
        body = f"sleep_noted {notes} 1.5"
        asking = threading.Thread(
            target=lambda: answers.append(served.request("POST", "/", body=body).status)
        )
        asking.start()
        wait_until(notes.exists)
        served.process.send_signal(number)
        assert served.process.wait(30) == 0
        asking.join(30)
    assert answers == [200]
    assert served.lines()[-1]["message"] == "stopped"


@pytest.mark.parametrize("time_of_day", range(3))
def test_a_signal_under_load_is_never_lost(time_of_day, tmp_path):
    """The kernel gives it to any thread of the process; eight clients keep them all busy."""
    with serve(tmp_path, "tests.support.hosted") as served:
        ended = threading.Event()
        clients = [threading.Thread(target=_hammer, args=(served, ended)) for _ in range(8)]
        for client in clients:
            client.start()
        time.sleep(0.5 + time_of_day / 7)
        served.process.send_signal(signal.SIGTERM)
        try:
            assert served.process.wait(20) == 0
        finally:
            ended.set()
        for client in clients:
            client.join(20)
    assert not [line for line in requests(served) if line["status"] != 200]


def _hammer(served, ended):
    while not ended.is_set():
        try:
            served.request("POST", "/", body=b"")
        except urllib3.exceptions.HTTPError:
            return


def test_a_call_that_outlasts_the_drain_is_told_of(tmp_path):
    with serve(tmp_path, "tests.support.hosted", "--drain-timeout-seconds", "0.2") as served:
        notes = tmp_path / "notes"
        body = f"sleep_noted {notes} 600"
        asking = threading.Thread(target=_ask_in_vain, args=(served, body))
        asking.start()
        wait_until(notes.exists)
        served.process.send_signal(signal.SIGTERM)
        assert served.process.wait(30) == 1
        asking.join(30)
    assert all(line.startswith("{") for line in served.log.read_text().splitlines())


def _ask_in_vain(served, body):
    try:
        answer = served.request("POST", "/", body=body)
    except urllib3.exceptions.HTTPError:
        return  # the connection ended with the process
    assert answer.status == 500


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
        "handler = lambda_handler(type('Totals', (WindowWorker,), {}))\n"
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
