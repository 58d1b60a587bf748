"""CloudFormation templates for tests: read, with `!Ref x` as `{"Ref": "x"}`, and asked."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[3]
TEMPLATE = ROOT / "template.yaml"

Node = dict[str, Any]


class _Loader(yaml.CSafeLoader):
    """CSafeLoader, ten times as fast as the other, with CloudFormation's short forms."""


def _short_form(loader: _Loader, tag: str, node: yaml.Node) -> Node:
    name = tag if tag in {"Ref", "Condition"} else f"Fn::{tag}"
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
        return {name: value.split(".", 1) if tag == "GetAtt" else value}
    if isinstance(node, yaml.SequenceNode):
        return {name: loader.construct_sequence(node, deep=True)}
    return {name: loader.construct_mapping(node, deep=True)}


_Loader.add_multi_constructor("!", _short_form)


@cache
def load() -> Node:
    """The stack's template; callers must not change it."""
    return yaml.load(TEMPLATE.read_text(), _Loader)


def resources(*types: str) -> dict[str, Node]:
    """All resources, or those of the types, by logical name."""
    found = load()["Resources"]
    return {name: r for name, r in found.items() if not types or r["Type"] in types}


def functions() -> dict[str, Node]:
    """The properties of each function."""
    return {n: r["Properties"] for n, r in resources("AWS::Serverless::Function").items()}


def handler(function: Node) -> str:
    """`module.attribute` that the function's container runs."""
    return function["ImageConfig"]["Command"][-1]


def variables(function: Node) -> Node:
    """The function's environment."""
    return function["Environment"]["Variables"]


def mappings() -> dict[str, Node]:
    """The properties of each event source mapping."""
    return {n: r["Properties"] for n, r in resources("AWS::Lambda::EventSourceMapping").items()}


def walk(node: Any) -> Iterator[Node]:
    """Every mapping inside the node, itself included."""
    if isinstance(node, dict):
        yield node
        node = list(node.values())
    if isinstance(node, list):
        for child in node:
            yield from walk(child)


def statements() -> Iterator[tuple[str, Node]]:
    """Every policy statement, beside the name of the resource that holds it."""
    for name, resource in resources().items():
        for node in walk(resource):
            for statement in node.get("Statement", ()):
                yield name, statement.get("Fn::If", [None, statement])[1]


def as_list(value: Any) -> list[Any]:
    """A value that a policy may give alone or in a list."""
    return value if isinstance(value, list) else [value]


def bounds(value: Any) -> tuple[float, float]:
    """The least and the greatest that a number can be: itself, or its parameter's range."""
    if not isinstance(value, dict):
        return float(value), float(value)
    parameter = load()["Parameters"][value["Ref"]]
    return float(parameter["MinValue"]), float(parameter["MaxValue"])


def text(value: Any) -> str:
    """A string property, whose `Fn::Sub` placeholders stay as they are."""
    given = value["Fn::Sub"] if isinstance(value, dict) else value
    return given[0] if isinstance(given, list) else given
