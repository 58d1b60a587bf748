"""The Kubernetes manifests against the code: variables, secrets, commands and time limits."""

import re

import msgspec
import pytest

from headrace.cli import main
from headrace.images import ImageSettings
from headrace.kafka.security import SECRETS
from headrace.runner.kafka.settings import KafkaSource
from headrace.runner.kinesis.settings import KinesisSource
from headrace.runner.settings import MappingSettings
from headrace.serve.settings import ServeSettings
from headrace.settings import read, variable
from headrace.store.settings import PublisherSettings, StoreSettings
from headrace.worker import WorkerSettings
from tests.support.deployment.manifests import FILES, ROOT, container, objects, pods, variables
from tests.support.deployment.workloads import (
    PODS,
    RUNNERS,
    SERVERS,
    each_lasting,
    each_pod,
    each_runner,
)

STRUCTS = (KafkaSource, KinesisSource, MappingSettings, StoreSettings, WorkerSettings)


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
