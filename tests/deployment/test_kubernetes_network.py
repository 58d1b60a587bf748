"""The Kubernetes manifests: who reaches a pod, and whom it reaches."""

import ipaddress

import pytest

from headrace.images.address import is_public
from tests.support.deployment.manifests import container, objects, pods, variables
from tests.support.deployment.workloads import PODS, RUNNERS, SERVERS, each_lasting, each_pod


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
