"""`Fn::ForEach` of AWS::LanguageExtensions: a fragment for each value of a collection.

A loop stands among the members of an object, and its fragments become members of that object:
functions, conditions, events, variables. In a fragment, `${Name}`, `&{Name}` (letters and digits
of the value alone) and `!Ref Name` stand for the value.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from headrace.errors import SettingsError
from headrace.plan.unknown import find_unknown, plain

_LOOP = "Fn::ForEach::"
_INCLUDE = "Fn::Transform"
_MOST_NODES = 200_000  # as many as a template may have

Resolve = Callable[[Any, str], Any]


@dataclass(frozen=True)
class Gap:
    """Members of an object that only the service can tell.

    Attributes:
        parent: where the object stands in the template, such as `Resources`.
        why: what stands there in their place, and what can be done.
    """

    parent: str
    why: str


@dataclass
class Expansion:
    """Expands the loops of a template.

    Attributes:
        resolve: finds the value of a collection, given its place.
        gaps: what could not be expanded, after `expand`.
        has_loops: whether there were any.
    """

    resolve: Resolve
    gaps: list[Gap] = field(default_factory=list)
    has_loops: bool = False
    _nodes: int = 0

    def expand(self, node: Any, place: str) -> Any:
        """Return the node with a fragment for each value of each loop.

        Raises:
            SettingsError: a loop has a wrong form, makes a member twice, or makes too much.
        """
        if isinstance(node, list):
            return [self.expand(item, f"{place}[{n}]") for n, item in enumerate(node)]
        if not isinstance(node, dict):
            return node
        members: dict[Any, Any] = {}
        for key, value in node.items():
            inner = f"{place}.{key}"
            if isinstance(key, str) and key.startswith(_LOOP):
                made = list(self._loop(value, place, inner))
            else:
                made = [(key, self.expand(value, inner))]
                self._note_include(key, node, place)
            for name, member in made:
                if name in members:
                    raise SettingsError(f"{inner} makes {name} a second time")
                members[name] = member
        return members

    def _note_include(self, key: Any, node: dict[Any, Any], place: str) -> None:
        # Alone in its object it stands for a value, which the resolver finds to be unknown.
        if key == _INCLUDE and (len(node) > 1 or place == "Resources"):
            self.gaps.append(Gap(place, f"{place}.{key} is applied by AWS only"))

    def _loop(self, loop: Any, parent: str, place: str) -> Iterator[tuple[str, Any]]:
        if not isinstance(loop, list) or len(loop) != 3 or not isinstance(loop[2], dict):
            raise SettingsError(f"{place} takes [name, [value, …], fragment]")
        self.has_loops = True
        name, collection, fragment = loop
        if not isinstance(name, str) or not name:
            raise SettingsError(f"{place}: the name of a loop is text, not {name!r}")
        values = self.resolve(collection, place)
        unknown = find_unknown(values)
        if unknown is not None:
            self.gaps.append(Gap(parent, f"{place} runs over {unknown}, which is not known here"))
            return
        if not isinstance(values, list):
            raise SettingsError(f"{place}: a loop runs over a list, not {values!r}")
        for value in values:
            text = plain(value)
            if not isinstance(text, str):
                raise SettingsError(f"{place}: a loop runs over texts, not {value!r}")
            filled = self._fill(fragment, name, text, place)
            yield from self.expand(filled, place).items()

    def _fill(self, node: Any, name: str, value: str, place: str) -> Any:
        """Put the value where the fragment names it."""
        self._nodes += 1
        if self._nodes > _MOST_NODES:
            raise SettingsError(f"{place} makes more than {_MOST_NODES} values")
        if isinstance(node, str):
            bare = re.sub("[^0-9A-Za-z]", "", value)
            return node.replace(f"${{{name}}}", value).replace(f"&{{{name}}}", bare)
        if isinstance(node, list):
            return [self._fill(item, name, value, place) for item in node]
        if not isinstance(node, dict):
            return node
        if node == {"Ref": name}:
            return value
        return {
            self._fill(key, name, value, place): self._fill(inner, name, value, place)
            for key, inner in node.items()
        }
