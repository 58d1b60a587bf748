"""The Kubernetes manifests, read and asked."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[3]
FILES = sorted((ROOT / "docker/kubernetes").glob("*.yaml"))

Node = dict[str, Any]


@cache
def objects(*kinds: str) -> dict[str, Node]:
    """All objects of the kinds, by `file/kind/name`; callers must not change them."""
    return {
        f"{file.stem}/{found['kind']}/{found['metadata']['name']}": found
        for file in FILES
        for found in yaml.load_all(file.read_text(), yaml.CSafeLoader)
        if found["kind"] in kinds
    }


def named(kind: str, name: str) -> Node:
    """The object of a kind by its name."""
    (found,) = (o for o in objects(kind).values() if o["metadata"]["name"] == name)
    return found


def pods() -> dict[str, Node]:
    """The pod template of each workload."""
    workloads = objects("Deployment", "Job")
    return {name: workload["spec"]["template"] for name, workload in workloads.items()}


def specs(command: str | None = None) -> dict[str, Node]:
    """The pod specification of each workload, or of those that run `headrace COMMAND`."""
    found = {name: pod["spec"] for name, pod in pods().items()}
    return {n: s for n, s in found.items() if command in {None, container(s)["args"][3]}}


def container(spec: Node) -> Node:
    """The only container of a pod."""
    (only,) = spec["containers"]
    return only


def variables(spec: Node) -> dict[str, str]:
    """What the container finds in its environment, without secrets."""
    found = {one["name"]: one["value"] for one in container(spec).get("env", ())}
    for source in container(spec).get("envFrom", ()):
        if "configMapRef" in source:
            found |= named("ConfigMap", source["configMapRef"]["name"])["data"]
    return found
