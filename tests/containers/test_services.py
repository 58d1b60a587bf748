"""The images as plain services, by the commands, variables and health checks of compose.yaml."""

import json
from pathlib import Path

import pytest
import urllib3
import yaml
from confluent_kafka import Producer
from prometheus_client import parser

from headrace.runner.function.http import INVOCATIONS
from headrace.store.publisher import Publisher
from headrace.testing.brokers.process import free_ports
from tests.support.containers.container import MODELS, Container
from tests.support.models import three_boxes, tumor
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.containers, pytest.mark.timeout(1200)]  # the first one builds

COMPOSE = Path(__file__).parents[2] / "docker" / "compose.yaml"
SERVICES = yaml.safe_load(COMPOSE.read_text())["services"]
RECORDS = 50
MEGABYTES = {"512m": 512, "2g": 2048}
PICTURE = "data:image/gif;base64,R0lGODlhAQABAIAAAP///////yH5BAEAAAAALAAAAAABAAEAAAICRAEAOw=="
SERVERS = {
    "classifier-server": (tumor.EVENT, {"result": "B"}),
    "detector-server": ({"url": PICTURE}, ["cat", "dog"]),
}


class Service(Container):
    """A service of the compose file, on a port of its own."""

    def __init__(self, podman, name, models, *flags, **environ):
        about = SERVICES[name]
        self._healthcheck = about["healthcheck"]["test"]
        self.port = free_ports(1)
        ports = {
            n: str(self.port)
            for n in ("HEADRACE_SERVE_PORT", "HEADRACE_HTTP_PORT")
            if n in about["environment"]
        }
        given = {n: v for n, v in about["environment"].items() if not v.startswith("${")}
        super().__init__(
            podman,
            about["image"].removeprefix("headrace-"),
            *about["command"],
            *flags,
            environ=given | environ | ports,
            mounts=(f"{models}:{MODELS}:ro",),
            memory=MEGABYTES[about["mem_limit"]],
        )

    def check_health(self):
        """Raises if the health check, made from inside, fails."""
        kind, *command = self._healthcheck
        assert kind == "CMD"
        self.run(*(part.replace(":8080/", f":{self.port}/") for part in command))

    def request(self, method, path, **options):
        url = f"http://127.0.0.1:{self.port}{path}"
        return urllib3.request(method, url, retries=False, timeout=60, **options)


@pytest.fixture
def published(models):
    tumor.publish(models)
    three_boxes.publish(Publisher(models))
    return models


def result(answer):
    """The classifier's whole answer, the classes of the detector's."""
    assert answer.status == 200, answer.data
    document = answer.json()
    document = json.loads(document["body"]) if "body" in document else document
    return document.get("detection_class_entities", document)


@pytest.mark.parametrize("name", SERVERS)
def test_a_worker_is_served_until_a_signal(images, published, name):
    """GIVEN a server WHEN SIGTERM comes THEN it has answered, and ends in order with status 0."""
    event, expected = SERVERS[name]
    body = json.dumps(event).encode()
    with Service(images, name, published, HEADRACE_SERVE_INVOCATIONS="true") as server:
        server.said("ready")
        server.check_health()
        assert server.request("GET", "/readyz").status == 200
        assert result(server.request("POST", "/", body=body)) == expected
        assert result(server.request("POST", INVOCATIONS, body=body)) == expected
        assert server.stop() == 0, server.logs()
        assert server.lines()[-1]["message"] == "stopped"
        assert server.lines()[-1]["drained"]


def test_a_call_with_a_deadline_has_a_process_of_its_own(images, published):
    """Whatever starts that process must work under the image's limits, too."""
    event, expected = SERVERS["classifier-server"]
    environ = {"HEADRACE_FUNCTION_TIMEOUT_SECONDS": "30", "HEADRACE_SERVE_CONCURRENCY": "2"}
    with Service(images, "classifier-server", published, **environ) as server:
        server.said("ready")
        assert result(server.request("POST", "/", body=json.dumps(event).encode())) == expected
        assert server.stop() == 0, server.logs()


def test_a_server_without_a_model_says_so_and_ends(images, models):
    with Service(images, "classifier-server", models) as server:
        assert server.wait() == 1
        said = server.logs()
    assert f"no version of tumor is current in {MODELS}" in said.splitlines()[-1]
    assert "Traceback" not in said


@pytest.mark.kafka
def test_a_runner_tells_how_it_is_and_what_it_has_done(images, kafka, topic, published):
    """GIVEN the runner of compose.yaml WHEN records come THEN probes and metrics know of it."""
    source, predictions = topic(2), topic(1)
    producer = Producer({"bootstrap.servers": kafka.bootstrap})
    for number in range(RECORDS):
        producer.produce(source, json.dumps(tumor.EVENT).encode(), str(number))
    assert producer.flush(60) == 0
    flags = ("--kafka", kafka.bootstrap, "--topic", source, "--group", f"{source}-readers")
    sinks = dict.fromkeys(
        ("HEADRACE_SINK_URL", "HEADRACE_DEAD_LETTER_URL"),
        f"kafka://{kafka.bootstrap}/{predictions}",
    )
    with Service(images, "kafka-runner", published, *flags, **sinks) as runner:
        runner.said("serving health and metrics")
        wait_until(lambda: runner.request("GET", "/readyz").status == 200)
        runner.check_health()
        wait_until(lambda: committed(runner.request("GET", "/metrics")) == RECORDS)
        assert runner.stop() == 0, runner.logs()


def committed(answer):
    """How many records are behind the committed position, as the metrics say."""
    assert answer.status == 200
    families = parser.text_string_to_metric_families(answer.data.decode())
    samples = [sample for family in families for sample in family.samples]
    return sum(s.value for s in samples if s.name == "CommittedEventCount_total")
