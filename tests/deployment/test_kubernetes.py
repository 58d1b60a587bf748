"""The Kubernetes manifests against the schemas, against each other and against the code."""

import copy
import ipaddress
import json
import re
import subprocess
from pathlib import Path

import msgspec
import pytest
import yaml
from prometheus_client import parser as prometheus

from headrace.cli import main
from headrace.images import ImageSettings
from headrace.images.address import is_public
from headrace.kafka.security import SECRETS
from headrace.runner.kafka.settings import KafkaSource
from headrace.runner.kinesis.settings import KinesisSource
from headrace.runner.monitoring.metrics import renderer
from headrace.runner.monitoring.stats import PartitionStatus, Stats
from headrace.runner.settings import MappingSettings
from headrace.serve.settings import ServeSettings
from headrace.settings import read, variable
from headrace.store.settings import PublisherSettings, StoreSettings
from headrace.worker import WorkerSettings
from tests.support.containers.images import IMAGES
from tests.support.deployment.manifests import (
    FILES,
    ROOT,
    container,
    named,
    objects,
    pods,
    specs,
    variables,
)

PYTHON = ROOT / ".venv-deploy/bin/python"
CHECK = ROOT / "tests/support/deployment/check_manifest.py"
STRUCTS = (KafkaSource, KinesisSource, MappingSettings, StoreSettings, WorkerSettings)

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

RUNNERS = specs("run")
SERVERS = specs("serve")
PODS = specs()

each_runner = pytest.mark.parametrize("name", RUNNERS)
each_pod = pytest.mark.parametrize("name", PODS)
each_lasting = pytest.mark.parametrize("name", RUNNERS | SERVERS)


WRONG = {
    "an unknown field": ("Deployment", "spec.template.spec.containers.0.readinesProbe", {}),
    "a wrong type": ("Deployment", "spec.template.spec.terminationGracePeriodSeconds", "long"),
    "a budget's unknown field": ("PodDisruptionBudget", "spec.maxUnavailabe", 1),
    "KEDA's unknown field": ("ScaledObject", "spec.maxReplicas", 12),
    "KEDA's wrong type": ("ScaledObject", "spec.triggers", "kafka"),
    "a broken expression": ("PrometheusRule", "spec.groups.0.rules.0.expr", "rate(x[5m)"),
    "a rule's unknown field": ("PrometheusRule", "spec.groups.0.rules.0.annotation", {}),
    "a monitor's unknown field": ("PodMonitor", "spec.endpoints", []),
}


@pytest.fixture(scope="module")
def problems(tmp_path_factory):
    """What is wrong with each file and with each of WRONG, by path."""
    if not any(PYTHON.parents[1].glob("lib/python3*/site-packages/kubernetes_validate")):
        pytest.skip("no schemas: run `make .venv-deploy/tools`")
    folder = tmp_path_factory.mktemp("wrong")
    for what, change in WRONG.items():
        (folder / what).write_text(yaml.safe_dump(changed(*change)))
    files = [*FILES, *folder.iterdir()]
    done = subprocess.run([PYTHON, CHECK, *files], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return {Path(file).name: found for file, found in json.loads(done.stdout).items()}


def changed(kind, place, value):
    """The first object of the kind, with one entry set."""
    wrong = copy.deepcopy(next(iter(objects(kind).values())))
    *path, last = place.split(".")
    node = wrong
    for key in path:
        node = node[int(key) if key.isdigit() else key]
    node[last] = value
    return wrong


@pytest.mark.slow(seconds=0.2)
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_manifest_is_what_its_schemas_ask_for(file, problems):
    assert problems[file.name] == []


@pytest.mark.slow(seconds=0.2)
@pytest.mark.parametrize("what", WRONG)
def test_the_check_finds(what, problems):
    assert len(problems[what]) == 1


def known(*structs):
    return {variable(field.name) for struct in structs for field in msgspec.structs.fields(struct)}


@each_pod
def test_every_variable_is_a_setting_of_the_code(name):
    program, command = container(PODS[name])["args"][2:4]
    structs = {
        ("headrace", "run"): STRUCTS,
        ("headrace", "serve"): (ServeSettings, ImageSettings, StoreSettings),
        ("training", "tumor"): (PublisherSettings,),
        ("training", "detector"): (PublisherSettings,),
    }
    unknown = variables(PODS[name]).keys() - known(*structs[program, command])
    assert unknown <= {"AWS_DEFAULT_REGION"}


@each_runner
def test_the_command_runs_with_these_variables(name, monkeypatch, capsys):
    python, _, program, *rest = container(RUNNERS[name])["args"]
    assert (python, program) == ("python3", "headrace")
    given = variables(RUNNERS[name])
    for struct in STRUCTS:
        for field in msgspec.structs.fields(struct):
            monkeypatch.delenv(variable(field.name), raising=False)
    for key, value in given.items():
        monkeypatch.setenv(key, value)

    assert main([*rest, "--dry-run"]) == 0, capsys.readouterr().err
    shown = capsys.readouterr().out
    of_the_runner = known(KafkaSource, KinesisSource, MappingSettings) & given.keys()
    assert all(f"# {variable}\n" in shown for variable in of_the_runner)
    # The rest is the worker's.
    for struct in (StoreSettings, WorkerSettings):
        read(struct)
    assert (ROOT / f"{rest[1].replace('.', '/')}.py").exists()


@pytest.mark.parametrize("name", SERVERS)
def test_a_server_takes_its_variables(name):
    *_, worker = container(SERVERS[name])["args"]
    assert (ROOT / f"{worker.replace('.', '/')}.py").exists()
    settings = read(ServeSettings, variables(SERVERS[name]))
    assert settings.serve_host == "0.0.0.0"
    (service,) = objects("Service").values()
    assert service["spec"]["selector"].items() <= pods()[name]["metadata"]["labels"].items()
    assert service["spec"]["ports"][0]["targetPort"] == container(SERVERS[name])["ports"][0]["name"]


@pytest.mark.parametrize("secret", ["headrace-kafka", "headrace-signing", "headrace-verifying"])
def test_secrets_hold_what_the_code_reads_and_stand_in_no_manifest(secret):
    read_by_code = {variable(name) for name in SECRETS} | {
        "HEADRACE_MODEL_SIGNING_KEY",
        "HEADRACE_MODEL_VERIFY_KEY",
    }
    told = [re.search(rf"{secret} --from-literal=(\w+)=\.\.\.", f.read_text()) for f in FILES]
    assert {found[1] for found in told if found} <= read_by_code
    assert any(told)
    assert not objects("Secret")


@each_pod
def test_a_secret_that_is_misspelt_keeps_a_pod_from_starting(name):
    """Brokers may ask for no sign-in, AWS may know the pod; a model always needs its key."""
    secrets = [
        source["secretRef"]
        for source in container(PODS[name]).get("envFrom", ())
        if "secretRef" in source
    ]
    optional = {secret["name"] for secret in secrets if secret.get("optional")}
    assert optional <= {"headrace-kafka", "headrace-aws"}
    given = variables(PODS[name])
    serves_models = given.get("HEADRACE_MODEL_ROOT") and name in RUNNERS | SERVERS
    if serves_models:
        assert "headrace-verifying" in {secret["name"] for secret in secrets}
        assert given["HEADRACE_MODEL_SIGNATURES_REQUIRED"] == "true"


@pytest.mark.parametrize("name", SERVERS)
def test_a_call_that_hangs_is_ended(name):
    spec = PODS[name]
    timeout = float(variables(spec)["HEADRACE_FUNCTION_TIMEOUT_SECONDS"])
    assert timeout <= float(variables(spec)["HEADRACE_DRAIN_TIMEOUT_SECONDS"])


def policies_of(pod):
    """The network policies that select a pod."""
    labels = pods()[pod]["metadata"]["labels"].items()
    return [
        policy["spec"]
        for policy in objects("NetworkPolicy").values()
        if policy["spec"]["podSelector"]["matchLabels"].items() <= labels
    ]


@each_pod
def test_one_network_policy_says_who_talks_to_a_pod_and_to_whom_it_talks(name):
    (policy,) = policies_of(name)
    assert policy["policyTypes"] == ["Ingress", "Egress"]
    for rule in (*policy.get("ingress", ()), *policy.get("egress", ())):
        assert rule["ports"]
        assert rule.get("from") or rule.get("to")  # nobody is not everybody


@each_lasting
def test_callers_reach_the_port_that_is_served_and_no_other(name):
    (policy,) = policies_of(name)
    (rule,) = policy["ingress"]
    assert [port["port"] for port in rule["ports"]] == [
        port["containerPort"] for port in container(PODS[name])["ports"]
    ]


@pytest.mark.parametrize("name", SERVERS)
def test_what_fetches_urls_of_callers_reaches_no_private_address(name):
    (policy,) = policies_of(name)
    blocks = [to["ipBlock"] for rule in policy["egress"] for to in rule["to"] if "ipBlock" in to]
    (block,) = blocks
    outside = [ipaddress.ip_network(network) for network in block["except"]]
    for address in ("10.0.0.1", "169.254.169.254", "172.31.0.1", "192.168.1.1", "100.64.0.1"):
        assert not is_public(ipaddress.ip_address(address))
        assert any(ipaddress.ip_address(address) in network for network in outside)


def test_runners_reach_the_brokers_that_they_name():
    for name, spec in RUNNERS.items():
        brokers = variables(spec).get("HEADRACE_BOOTSTRAP_SERVERS")
        if brokers is None:
            continue
        host, _, port = brokers.partition(":")
        (policy,) = policies_of(name)
        namespaces = {
            to["namespaceSelector"]["matchLabels"]["kubernetes.io/metadata.name"]
            for rule in policy["egress"]
            if int(port) in [one["port"] for one in rule["ports"]]
            for to in rule["to"]
        }
        assert namespaces == {host.split(".")[1]}, name


@each_lasting
def test_probes_ask_the_port_that_is_served(name):
    only = container(PODS[name])
    (port,) = only["ports"]
    given = variables(PODS[name])
    assert port["containerPort"] == int(
        given.get("HEADRACE_HTTP_PORT") or given["HEADRACE_SERVE_PORT"]
    )
    probes = {kind: only[kind]["httpGet"] for kind in only if kind.endswith("Probe")}
    assert {kind: probe["path"] for kind, probe in probes.items()} == {
        "startupProbe": "/healthz",
        "livenessProbe": "/healthz",
        "readinessProbe": "/readyz",
    }
    assert {probe["port"] for probe in probes.values()} == {port["name"]}


@each_lasting
def test_a_drain_ends_before_its_pod_is_killed(name):
    spec = PODS[name]
    drain = float(variables(spec)["HEADRACE_DRAIN_TIMEOUT_SECONDS"])
    hooks = container(spec).get("lifecycle", {"preStop": {"sleep": {"seconds": 0}}})
    before = hooks["preStop"]["sleep"]["seconds"]
    assert before + drain + 15 <= spec["terminationGracePeriodSeconds"]


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
