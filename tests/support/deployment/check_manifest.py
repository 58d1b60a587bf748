"""Checks Kubernetes manifests: `check_manifest.py FILE...`, by the Python that has the schemas.

Kubernetes' own kinds are held against the API's JSON schemas, in which no unknown field passes. The
kinds of KEDA and of the Prometheus Operator are held against models made from their definitions,
which drop unknown fields, so what is left must be what was given. Expressions of rules are parsed.
Writes what is wrong to standard output, as JSON: {file: [problem]}.
"""

import json
import sys
from pathlib import Path
from typing import Any

import kubernetes_validate
import promql_parser
import yaml
from cloudcoil.models.keda import v1alpha1 as keda
from cloudcoil.models.prometheus_operator import v1 as prometheus

KUBERNETES = "1.34"
MODELS = {
    "ScaledObject": keda.ScaledObject,
    "PodMonitor": prometheus.PodMonitor,
    "PrometheusRule": prometheus.PrometheusRule,
}


def check(manifest: dict[str, Any]) -> None:
    """Raises where the object is not what its kind asks for."""
    model = MODELS.get(manifest["kind"])
    if model is None:
        kubernetes_validate.validate(manifest, KUBERNETES, strict=True)
        return
    read = model.model_validate(manifest)
    kept = read.model_dump(mode="json", by_alias=True, exclude_unset=True)
    if kept != manifest:
        raise ValueError(f"unknown fields: {_missing(manifest, kept)}")
    for group in manifest["spec"].get("groups", ()):
        for rule in group["rules"]:
            promql_parser.parse(rule["expr"])


def _missing(given: Any, kept: Any, path: str = "") -> list[str]:
    if isinstance(given, dict) and isinstance(kept, dict):
        return [
            line
            for key, value in given.items()
            for line in (
                _missing(value, kept[key], f"{path}.{key}") if key in kept else [f"{path}.{key}"]
            )
        ]
    if isinstance(given, list) and isinstance(kept, list) and len(given) == len(kept):
        return [
            line
            for place, (one, other) in enumerate(zip(given, kept, strict=True))
            for line in _missing(one, other, f"{path}[{place}]")
        ]
    return [] if given == kept else [f"{path}: {given!r}, not {kept!r}"]


def _problem(manifest: dict[str, Any]) -> str | None:
    try:
        check(manifest)
    except Exception as error:
        return f"{manifest['kind']} {manifest['metadata']['name']}: {error}"
    return None


if __name__ == "__main__":
    # All in one process: the schemas take seconds to load.
    problems = {
        file: [p for d in yaml.safe_load_all(Path(file).read_text()) if (p := _problem(d))]
        for file in sys.argv[1:]
    }
    sys.stdout.write(json.dumps(problems))
