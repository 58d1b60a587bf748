"""What an extra is for works with it."""

import json
import os
import pty
import re
import subprocess
import threading
import time
import urllib.request

import pytest

from headrace.sinks import lines
from headrace.testing.brokers.process import free_ports
from headrace.testing.mock_cluster import embedded_kafka
from headrace.testing.moto_server import aws_environment, create_stream
from tests.support.doubler import WORKER
from tests.support.function.runtime_api import RuntimeApi
from tests.support.waiting import wait_until

pytestmark = pytest.mark.slow(seconds=3)  # environments are made
TEST = """
from doubler import Doubler

def test_it_doubles(headrace_kafka):
    numbers, doubled = headrace_kafka.topic(), headrace_kafka.topic()
    numbers.produce([1, 2, 3])
    numbers.run(Doubler, sink_url=doubled.url)
    assert sorted(record.json() for record in doubled.records()) == [2, 4, 6]
"""


@pytest.fixture(scope="module")
def kafka():
    with embedded_kafka({"numbers": 1, "live": 1, "measured": 1}) as bootstrap:
        yield bootstrap


def doubled(path):
    return sorted(json.loads(lines.decode(line).value) for line in path.read_bytes().splitlines())


def test_aws_brings_kinesis(environment, folder, moto_server):
    installed, environ = environment("aws"), aws_environment(moto_server)
    create_stream(moto_server, "installed", 1)
    produce = ("produce", "--to", "kinesis://installed", "--file", "numbers.jsonl")
    assert installed.headrace(*produce, at=folder, env=environ).returncode == 0
    run = ("run", "doubler", "--kinesis", "installed", "--max-records", "3")
    done = installed.headrace(*run, "--sink-url", "file:doubled.jsonl", at=folder, env=environ)
    assert done.returncode == 0, done.stderr
    assert doubled(folder / "doubled.jsonl") == [2, 4, 6]


def test_lambda_brings_the_runtime_interface(environment, folder):
    python = environment("lambda").python
    with RuntimeApi() as api:
        function = subprocess.Popen(
            [python, "-m", "awslambdaric", "doubler.handler"],
            cwd=folder,
            env={"AWS_LAMBDA_RUNTIME_API": api.address, "PATH": os.environ["PATH"]},
        )
        try:
            assert api.invoke(21) == 42
        finally:
            function.kill()
            function.wait()


def test_sam_brings_templates(environment, folder):
    done = environment("sam").headrace("run", "template.yaml", "--dry-run", at=folder)
    assert "handler: doubler:handler" in done.stdout, done.stderr


def test_signing_brings_keys(environment, folder):
    installed = environment("signing")
    made = installed.headrace("models", "keygen", "signing.pem", at=folder)
    key = re.search(r"HEADRACE_MODEL_VERIFY_KEY=(\S+)", made.stdout)[1]
    listed = installed.headrace("models", "list", at=folder, env={"HEADRACE_MODEL_VERIFY_KEY": key})
    assert (listed.returncode, listed.stderr) == (0, "")


def test_images_brings_pictures(environment, folder):
    program = (
        "import io; from PIL import Image; from headrace.images import decode;"
        "file = io.BytesIO(); Image.new('RGB', (3, 2)).save(file, 'PNG');"
        "print(decode(file.getvalue(), max_pixels=6).size)"
    )
    assert environment("images").run("python", "-c", program, at=folder) == "(3, 2)\n"


def test_metrics_brings_metrics(environment, folder, kafka):
    installed, port = environment("kafka,metrics"), free_ports()
    source = ("--kafka", kafka, "--topic", "measured", "--group", "m", "--http-port", str(port))
    process = subprocess.Popen([installed.bin / "headrace", "run", "doubler", *source], cwd=folder)
    try:
        assert "PolledEventCount_total" in eventually(port)
    finally:
        process.terminate()
        process.wait(30)


def eventually(port: int, seconds: float = 30) -> str:
    """The metrics, once they are there."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
                return answer.read().decode()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def test_progress_brings_the_live_view(environment, folder, kafka):
    installed = environment("kafka,progress")
    installed.headrace(
        *("produce", "--to", f"kafka://{kafka}/live", "--file", "numbers.jsonl"), at=folder
    )
    source = ("--kafka", kafka, "--topic", "live", "--max-records", "3", "--progress")
    command = [installed.bin / "headrace", "run", "doubler", *source]
    shown = re.sub(rb"\x1b\[[\d;]*m", b"", on_a_terminal(command, folder))
    assert re.search(rb"polled 3 +done 3", shown)


def on_a_terminal(command, folder):
    """What a command writes to standard error, if that is a terminal."""
    ours, theirs = pty.openpty()
    shown = bytearray()

    def read() -> None:
        try:
            while part := os.read(ours, 65_536):
                shown.extend(part)
        except OSError:  # the other end is closed
            pass

    reader = threading.Thread(target=read)
    reader.start()
    subprocess.run(command, cwd=folder, stderr=theirs, stdout=subprocess.DEVNULL, timeout=60)
    os.close(theirs)
    reader.join(10)
    os.close(ours)
    return bytes(shown)


def test_reload_brings_a_new_start(environment, folder):
    with environment("serve,reload").serving("doubler", "--reload", at=folder) as port:
        assert asked(port) == 42
        (folder / "doubler.py").write_text(WORKER.replace("* 2", "* 3"))
        wait_until(lambda: '"ready"' in said(folder)[-1])
        assert asked(json.loads(said(folder)[-1])["port"]) == 63


def said(folder):
    """The lines of the server's log since it last stopped."""
    return (folder / "serve.log").read_text().rpartition('"stopped"')[2].splitlines()


def asked(port):
    request = urllib.request.Request(f"http://127.0.0.1:{port}/", b"21")
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def test_testing_brings_a_kafka_as_a_fixture(environment, folder):
    (folder / "test_doubler.py").write_text(TEST)
    said = environment("kafka,testing").run("python", "-m", "pytest", "-q", at=folder)
    assert "1 passed" in said
