"""What the test kit offers under its own name."""

import subprocess
import sys

import pytest

import headrace.testing
from headrace.errors import HeadraceError

FACE = [
    "RunResult",
    "StreamRun",
    "aws_environment",
    "direct_record",
    "embedded_kafka",
    "embedded_kinesis",
    "embedded_registry",
    "http_event",
    "http_record",
    "invoke",
    "kafka_event",
    "kafka_record",
    "kinesis_event",
    "kinesis_record",
    "run",
]


def test_the_face_is_what_it_was():
    assert sorted(headrace.testing.__all__) == FACE


@pytest.mark.parametrize("name", FACE)
def test_each_name_is_there_and_described(name):
    assert getattr(headrace.testing, name).__doc__


def test_another_name_is_not_there():
    with pytest.raises(AttributeError, match="has no attribute 'no_such'"):
        headrace.testing.no_such  # noqa: B018


def test_the_face_alone_imports_no_client_and_no_broker():
    code = "import headrace.testing, sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert not loaded & {"confluent_kafka", "boto3", "pytest", "hypothesis", "headrace.runner"}


def test_the_kit_needs_no_client_unless_a_test_wants_a_broker():
    code = (
        "import sys\n"
        "for name in ('confluent_kafka', 'boto3', 'moto', 'pytest'): sys.modules[name] = None\n"
        "from headrace import Worker\n"
        "from headrace.testing import StreamRun, invoke, kafka_event, run\n"
        "class Echo(Worker):\n"
        "    def process(self, record): return record.json()\n"
        "stream = StreamRun(Echo)\n"
        "stream.produce([1, 2])\n"
        "assert stream.run() and stream.results == [1, 2]\n"
        "assert run(Echo, [3]).results == [3]\n"
        "assert invoke(Echo, kafka_event([4])) == {'batchItemFailures': []}\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_name_whose_extra_is_not_installed_says_what_to_install(monkeypatch):
    def not_installed(name):
        raise ModuleNotFoundError(name="confluent_kafka")

    monkeypatch.setattr(headrace.testing, "import_module", not_installed)
    with pytest.raises(HeadraceError, match=r"pip install 'headrace\[kafka\]'"):
        headrace.testing.embedded_kafka  # noqa: B018
