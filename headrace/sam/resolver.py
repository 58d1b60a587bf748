"""Replaces the intrinsic functions of a template by their values."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from headrace.plan.unknown import NO_VALUE, Unknown
from headrace.sam.context import Intrinsics
from headrace.sam.parameters import Parameters

# The property by which a template may name a resource itself.
_NAMED_BY = {
    "AWS::Kinesis::Stream": "Name",
    "AWS::SQS::Queue": "QueueName",
    "AWS::SNS::Topic": "TopicName",
    "AWS::S3::Bucket": "BucketName",
    "AWS::DynamoDB::Table": "TableName",
    "AWS::DynamoDB::GlobalTable": "TableName",
    "AWS::Serverless::SimpleTable": "TableName",
}
_REF_IS_NAME = tuple(
    kind for kind in _NAMED_BY if kind not in ("AWS::SQS::Queue", "AWS::SNS::Topic")
)


class Resolver:
    """What is known of a template: its parameters, mappings, conditions and named resources.

    Args:
        template: the template, with Resources.
        parameters: the values of its parameters.
        functions: the intrinsic functions that have values here, by name.

    Attributes:
        parameters: their values.
        resources: the template's Resources; those that are no objects are left out.
        mappings: the template's Mappings, as they are.
        conditions: the template's Conditions, not yet evaluated.
        known_conditions: whether those hold that were.
    """

    def __init__(
        self, template: dict[str, Any], parameters: Parameters, functions: Intrinsics
    ) -> None:
        self.parameters = parameters
        self._functions = functions
        self.resources: dict[str, dict[str, Any]] = {
            name: declared
            for name, declared in template["Resources"].items()
            if isinstance(name, str) and isinstance(declared, dict)
        }
        self.mappings: Any = template.get("Mappings")
        conditions = template.get("Conditions")
        self.conditions: dict[str, Any] = conditions if isinstance(conditions, dict) else {}
        self.known_conditions: dict[str, bool | Unknown] = {}
        self._open: set[str] = set()

    def resolve(self, node: Any, place: str) -> Any:
        """Return the node with values for its functions; Unknown for those that only AWS knows.

        Raises:
            SettingsError: a function has wrong arguments; the message names the place.
        """
        if isinstance(node, list):
            items = [self.resolve(item, f"{place}[{n}]") for n, item in enumerate(node)]
            return [item for item in items if item is not NO_VALUE]
        if not isinstance(node, dict):
            return _looked_up(node)
        if len(node) == 1:
            ((name, argument),) = node.items()
            if name in self._functions:
                return _looked_up(self._functions[name](self, argument, place))
            if isinstance(name, str) and name.startswith("Fn::"):
                return Unknown(f"!{name.removeprefix('Fn::')} …")
        values = {key: self.resolve(value, f"{place}.{key}") for key, value in node.items()}
        return {key: value for key, value in values.items() if value is not NO_VALUE}

    def reference(self, name: str) -> Any:
        """Return what `!Ref name` is, or `${name}` inside of !Sub."""
        if name == "AWS::NoValue":
            return NO_VALUE
        value = self.parameters.get(name)
        if value is None and self.type_of(name) in _REF_IS_NAME:
            value = self.name_of(name)
        # SAM knows `!Ref Function.Alias`, too.
        return Unknown(f"!Ref {name}", name.partition(".")[0]) if value is None else value

    def attribute(self, resource: str, attribute: str) -> Any:
        """Return what `!GetAtt resource.attribute` is, or `${…}` inside of !Sub."""
        name = self.name_of(resource) if attribute in _NAMED_BY.values() else None
        return Unknown(f"!GetAtt {resource}.{attribute}", resource) if name is None else name

    def type_of(self, resource: str | None) -> str:
        """Return the resource's type, or an empty text if it has none."""
        kind = self.resources.get(resource or "", {}).get("Type")
        return kind if isinstance(kind, str) else ""

    def name_of(self, resource: str | None) -> str | None:
        """Return the name that the template itself gives a resource, or None."""
        named_by = _NAMED_BY.get(self.type_of(resource))
        properties = self.resources.get(resource or "", {}).get("Properties")
        if named_by is None or not isinstance(properties, dict):
            return None
        with self.once(f"name of {resource}") as first:
            place = f"{resource}.{named_by}"
            name = self.resolve(properties.get(named_by), place) if first else None
        return name if isinstance(name, str) else None

    @contextmanager
    def once(self, mark: str) -> Iterator[bool]:
        """Tell whether the marked work is not going on already; a circle would never end."""
        first = mark not in self._open
        self._open.add(mark)
        try:
            yield first
        finally:
            if first:
                self._open.discard(mark)


def _looked_up(value: Any) -> Any:
    """Return the value; Unknown for a dynamic reference, which only AWS can look up."""
    return Unknown(value) if isinstance(value, str) and "{{resolve:" in value else value
