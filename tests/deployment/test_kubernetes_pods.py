"""The Kubernetes manifests against each other: what pods may do, need, share and tell."""

import re
from pathlib import Path

import pytest
from prometheus_client import parser as prometheus

from headrace.runner.monitoring.metrics import renderer
from headrace.runner.monitoring.stats import PartitionStatus, Stats
from headrace.runner.settings import MappingSettings
from headrace.settings import read
from tests.support.containers.images import IMAGES
from tests.support.deployment.manifests import container, named, objects, pods, variables
from tests.support.deployment.workloads import PODS, RUNNERS, SERVERS, each_pod

# What KEDA's page on its Kafka scaler names; its schema lets any name pass.
KAFKA_TRIGGER = {
    "activationLagThreshold",
    "allowIdleConsumers",
    "bootstrapServers",
    "consumerGroup",
    "excludePersistentLag",
    "lagThreshold",
    "limitToPartitionsWithLag",
    "offsetResetPolicy",
    "partitionLimitation",
    "sasl",
    "scaleToZeroOnInvalidOffset",
    "tls",
    "topic",
    "unsafeSsl",
    "version",
}


def test_runners_and_no_other_pods_are_monitored():
    spec = named("PodMonitor", "headrace")["spec"]
    (endpoint,) = spec["podMetricsEndpoints"]
    wanted = spec["selector"]["matchLabels"].items()
    found = {name for name, pod in pods().items() if wanted <= pod["metadata"]["labels"].items()}
    assert found == RUNNERS.keys()
    assert endpoint["path"] == "/metrics"
    assert {container(spec)["ports"][0]["name"] for spec in RUNNERS.values()} == {endpoint["port"]}


@each_pod
def test_a_pod_may_do_nothing_that_it_need_not(name):
    spec = PODS[name]
    assert spec["securityContext"]["runAsNonRoot"]
    assert spec["securityContext"]["runAsUser"] == 10001  # as in the Dockerfile
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert spec["automountServiceAccountToken"] is False
    only = container(spec)
    assert only["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert only["resources"]["requests"].keys() == {"cpu", "memory"}
    assert "memory" in only["resources"]["limits"]


@each_pod
def test_what_a_pod_names_is_there(name):
    spec = PODS[name]
    assert named("ServiceAccount", spec["serviceAccountName"])
    volumes = {volume["name"]: volume for volume in spec["volumes"]}
    assert {mount["name"] for mount in container(spec)["volumeMounts"]} == volumes.keys()
    for volume in volumes.values():
        if "persistentVolumeClaim" in volume:
            assert named("PersistentVolumeClaim", volume["persistentVolumeClaim"]["claimName"])
    assert container(spec)["image"] in IMAGES


@pytest.mark.parametrize("kind", ["Deployment", "PodDisruptionBudget"])
def test_a_selector_finds_one_workload(kind):
    for name, found in objects(kind).items():
        wanted = found["spec"]["selector"]["matchLabels"].items()
        (pod,) = (p for p, t in pods().items() if wanted <= t["metadata"]["labels"].items())
        assert pod.rpartition("/")[2] == name.rpartition("/")[2]


def test_models_are_read_only_where_they_are_served():
    for name, spec in (RUNNERS | SERVERS).items():
        for mount in container(spec)["volumeMounts"]:
            if mount["mountPath"] == variables(spec).get("HEADRACE_MODEL_ROOT"):
                assert mount["readOnly"], name


def test_a_stream_has_one_reader_with_its_checkpoints_on_a_volume():
    deployment = named("Deployment", "headrace-runner-kinesis")["spec"]
    assert (deployment["replicas"], deployment["strategy"]) == (1, {"type": "Recreate"})
    assert named("PersistentVolumeClaim", "headrace-checkpoints")["spec"]["accessModes"] == [
        "ReadWriteOncePod"
    ]
    spec = deployment["template"]["spec"]
    (volume,) = (m for m in container(spec)["volumeMounts"] if m["name"] == "checkpoints")
    assert Path(variables(spec)["HEADRACE_CHECKPOINTS"]).parent == Path(volume["mountPath"])
    assert spec["securityContext"]["fsGroup"] == spec["securityContext"]["runAsGroup"]


@pytest.mark.parametrize("scaler", objects("ScaledObject", "HorizontalPodAutoscaler"))
def test_what_is_scaled_sets_no_replicas_itself(scaler):
    """Applying the manifest again must not undo the scaling."""
    target = objects("ScaledObject", "HorizontalPodAutoscaler")[scaler]["spec"]["scaleTargetRef"]
    assert "replicas" not in named("Deployment", target["name"])["spec"]


def test_autoscaling_follows_the_runner():
    scaled = named("ScaledObject", "headrace-runner")["spec"]
    deployment = named("Deployment", scaled["scaleTargetRef"]["name"])["spec"]
    (trigger,) = scaled["triggers"]
    settings = variables(deployment["template"]["spec"])
    metadata = trigger["metadata"]
    assert trigger["type"] == "kafka"
    assert metadata.keys() <= KAFKA_TRIGGER
    assert {metadata[key] for key in ("bootstrapServers", "topic", "consumerGroup")} == {
        settings[key] for key in ("HEADRACE_BOOTSTRAP_SERVERS", "HEADRACE_TOPIC", "HEADRACE_GROUP")
    }
    assert metadata["allowIdleConsumers"] == "false"
    assert metadata["offsetResetPolicy"] == "earliest"
    assert read(MappingSettings, settings).starting_position == "TRIM_HORIZON"


def test_alerts_ask_for_metrics_that_are_served():
    stats = Stats()
    stats.set_lag({"orders-0": 1})
    stats.set_age({"shardId-0": 1})
    stats.watch(lambda: [PartitionStatus(name="orders-0")])
    page = renderer(stats, "m")("")[0].decode()
    served = {
        sample.name
        for family in prometheus.text_string_to_metric_families(page)
        for sample in family.samples
    }
    (group,) = named("PrometheusRule", "headrace")["spec"]["groups"]
    for rule in group["rules"]:
        asked = set(re.findall(r"\b(?:headrace_\w+|[A-Z][a-z]\w+)", rule["expr"]))
        assert asked, rule["alert"]
        assert asked <= served, rule["alert"]
