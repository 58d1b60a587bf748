"""What intrinsic functions and conditions may ask of the resolver that calls them."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any, Protocol

from headrace.plan.unknown import Unknown
from headrace.sam.parameters import Parameters


class Context(Protocol):
    """A template whose values are being found. The Resolver is one.

    Attributes:
        parameters: the values of the template's parameters.
        mappings: the template's Mappings, as they are written.
        conditions: the template's Conditions, not yet evaluated.
        known_conditions: whether those hold that were.
    """

    parameters: Parameters
    mappings: Any
    conditions: dict[str, Any]
    known_conditions: dict[str, bool | Unknown]

    def resolve(self, node: Any, place: str) -> Any:
        """Return the node with values for its functions. Raises SettingsError."""
        ...

    def reference(self, name: str) -> Any:
        """Return what `!Ref name` is."""
        ...

    def attribute(self, resource: str, attribute: str) -> Any:
        """Return what `!GetAtt resource.attribute` is."""
        ...

    def once(self, mark: str) -> AbstractContextManager[bool]:
        """Tell whether the marked work is not going on already."""
        ...


Intrinsic = Callable[[Context, Any, str], Any]
"""An intrinsic function: takes (context, argument, place) and returns a value, or Unknown."""

Intrinsics = Mapping[str, Intrinsic]
"""Intrinsic functions by their names in a template."""
