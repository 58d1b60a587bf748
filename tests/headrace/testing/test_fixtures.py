"""The pytest plugin, as a project meets it that has Headrace installed."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow(seconds=3)

ROOT = Path(__file__).parents[3]

ORDERS = """
from headrace import Reject, Worker

class Orders(Worker):
    def process(self, record):
        order = record.json()
        if order["amount"] < 0:
            raise Reject("amount is negative")
        return {"id": order["id"], "ok": True}
"""
END_TO_END = (
    ORDERS
    + """
def test_orders_end_to_end(headrace_kafka, headrace_topic):
    results, letters = headrace_kafka.topic(), headrace_kafka.topic(partitions=2)
    headrace_topic.produce([{"id": 1, "amount": 5}, {"id": 2, "amount": -5}])
    headrace_topic.run(Orders, sink_url=results.url, dead_letter_url=letters.url)
    assert [record.json() for record in results.records()] == [{"id": 1, "ok": True}]
    assert [record.json()["error"] for record in letters.records()] == ["amount is negative"]
    assert headrace_topic.committed() == {0: 2}
"""
)


class Project:
    """A folder with tests of its own, in an environment where Headrace is installed."""

    def __init__(self, folder):
        self.folder = folder
        self.environment = {
            name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")
        }
        self.environment["PYTHONPATH"] = f"{self._installed()}{os.pathsep}{ROOT}"

    def _installed(self):
        """What an installation leaves for pytest to find: a name, and the entry points."""
        declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["entry-points"]
        lines = [
            line
            for group, points in declared.items()
            for line in (f"[{group}]", *(f"{name} = {where}" for name, where in points.items()))
        ]
        about = self.folder / "site" / "headrace-0.dist-info"
        about.mkdir(parents=True)
        (about / "METADATA").write_text("Metadata-Version: 2.1\nName: headrace\nVersion: 0\n")
        (about / "entry_points.txt").write_text("\n".join(lines))
        return about.parent

    def test(self, code, *arguments, passes=True, **environment):
        """Run pytest on a file with this code. Returns what it wrote."""
        (self.folder / "test_it.py").write_text(code)
        strict = ("-W", "error", "--strict-markers")
        # Schemathesis has a plugin, too, which takes as long to import as all else.
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:schemathesis", *strict]
        done = subprocess.run(
            [*command, *arguments],
            cwd=self.folder,
            env=self.environment | environment,
            capture_output=True,
            text=True,
        )
        assert (done.returncode == 0) == passes, done.stdout + done.stderr
        return done.stdout


@pytest.fixture
def project(tmp_path):
    return Project(tmp_path)


def test_a_suite_that_uses_none_of_it_pays_for_none_of_it(project):
    project.test(
        "def test_nothing_is_imported():\n"
        "    import sys\n"
        "    ours = {name for name in sys.modules if name.startswith('headrace')}\n"
        "    plugin = {'headrace', 'headrace.testing', 'headrace.testing.fixtures'}\n"
        "    assert plugin <= ours <= plugin | {'headrace.errors', 'headrace.extras'}\n"
        "    assert not {'msgspec', 'orjson', 'confluent_kafka', 'boto3'} & sys.modules.keys()\n"
    )


def test_the_kafka_of_a_test_is_embedded_by_default(project):
    assert "1 passed" in project.test(END_TO_END)


@pytest.mark.kafka
def test_the_kafka_of_a_test_may_be_a_real_one_by_option(project, kafka):
    assert "1 passed" in project.test(END_TO_END, f"--headrace-kafka={kafka.bootstrap}")


@pytest.mark.kafka
def test_the_kafka_of_a_test_may_be_a_real_one_by_variable(project, kafka):
    assert "1 passed" in project.test(END_TO_END, HEADRACE_TESTING_KAFKA=kafka.bootstrap)


@pytest.mark.kafka
def test_a_real_kafka_can_be_started_for_the_tests(project, kafka):
    assert "1 passed" in project.test(END_TO_END, "--headrace-kafka=real")


@pytest.mark.kinesis
def test_a_stand_in_for_kinesis_is_there_for_a_test(project):
    code = ORDERS + (
        "def test_orders_end_to_end(headrace_kinesis):\n"
        "    orders, letters = headrace_kinesis.stream(shards=2), headrace_kinesis.stream()\n"
        "    orders.produce([{'id': n, 'amount': n - 1} for n in range(5)])\n"
        "    orders.run(Orders, dead_letter_url=letters.url)\n"
        "    (letter,) = letters.records()\n"
        "    assert letter.json()['error'] == 'amount is negative'\n"
    )
    assert "1 passed" in project.test(code)


@pytest.mark.parametrize(
    ("fixture", "module", "extras"),
    [("kafka", "confluent_kafka", "kafka,testing"), ("kinesis", "moto", "aws,testing")],
)
def test_a_missing_package_is_told_in_one_line(project, fixture, module, extras):
    code = (
        f"import sys\nsys.modules['{module}'] = None\ndef test_it(headrace_{fixture}):\n    pass\n"
    )
    told = project.test(code, passes=False)
    assert f"headrace_{fixture} needs {module}: pip install 'headrace[{extras}]'" in told
    assert "Traceback" not in told


def test_an_unknown_kafka_is_told_in_one_line(project):
    told = project.test("def test_it(headrace_kafka): ...", "--headrace-kafka=big", passes=False)
    assert "no Kafka 'big': say embedded, real or HOST:PORT" in told
