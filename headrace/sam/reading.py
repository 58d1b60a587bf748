"""Read a template: JSON or YAML, CloudFormation's short forms (`!Ref x`) written out."""

import json
from pathlib import Path
from types import ModuleType
from typing import Any

from headrace import whole_file
from headrace.errors import SettingsError
from headrace.extras import needs

_DEEPEST = 100
_MOST_BYTES = 10_000_000  # comments are not counted by the service
_MOST_NODES = 200_000  # the service takes a megabyte of text; aliases could make much more of it

_MOST_BITS = 10_000  # of a number; nobody can print one with more than 4,300 digits


def read_template(path: Path) -> dict[str, Any]:
    """Return the template as JSON values; it has Resources.

    Raises:
        SettingsError: the file is missing, is neither JSON nor YAML, or holds no resources.
    """
    try:
        text = whole_file.text(path, _MOST_BYTES)
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: {getattr(error, 'strerror', None) or error}") from None
    try:
        template = parse(text)
    except ValueError as error:
        raise SettingsError(f"{path}: {error}") from None
    if not isinstance(template, dict) or not isinstance(template.get("Resources"), dict):
        raise SettingsError(f"{path}: no template: it has no Resources")
    return template


def parse(text: str) -> Any:
    """Return JSON, or YAML with short forms, as JSON values.

    Raises:
        ValueError: the text is neither, or nested too deep or too large; the message is one line.
        HeadraceError: the text is no JSON, and the extra `sam` is not installed.
    """
    node, mistake = _parse_json(text)
    if mistake is not None:
        try:
            node = _parse_yaml(text)
        except ValueError as error:
            # What begins as JSON does was meant as such: YAML would complain of something else.
            raise ValueError(mistake if text.lstrip().startswith("{") else str(error)) from None
    _check_size(node)
    return node


def _parse_json(text: str) -> tuple[Any, str | None]:
    """Return the value, or what keeps the text from being JSON."""
    try:
        return json.loads(text), None
    except json.JSONDecodeError as error:
        return None, f"not JSON: {error.msg} (line {error.lineno}, column {error.colno})"
    except RecursionError:
        return None, f"nested deeper than {_DEEPEST} levels"
    except ValueError as error:  # a number of thousands of digits
        return None, f"not JSON: {error}"


def _parse_yaml(text: str) -> Any:
    try:
        import yaml  # type: ignore[import-untyped]  # noqa: PLC0415 - only for templates
    except ModuleNotFoundError as error:
        raise needs("sam", error) from None

    try:
        return yaml.load(text, _loader(yaml))  # noqa: S506 - a SafeLoader
    except RecursionError:
        raise ValueError(f"nested deeper than {_DEEPEST} levels") from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark  # the whole message would quote the text, secrets and all
        where = f" (line {mark.line + 1}, column {mark.column + 1})" if mark else ""
        raise ValueError(f"not YAML: {error.problem}{where}") from None
    except (yaml.YAMLError, ValueError, OverflowError, AttributeError) as error:
        raise ValueError(f"not YAML: {' '.join(str(error).split())}") from None


def _loader(yaml: ModuleType) -> Any:
    """Return a SafeLoader that reads CloudFormation's short forms."""

    class Loader(yaml.SafeLoader):  # type: ignore[misc, name-defined]
        """Made anew for each text, since constructors are added to it."""

        def flatten_mapping(self, node: Any) -> None:
            """Merge `<<`. Merges of merges make much more than is written."""
            super().flatten_mapping(node)
            if len(node.value) > _MOST_NODES:
                raise ValueError(f"larger than {_MOST_NODES} values")

    def short_form(loader: Loader, tag: str, node: Any) -> dict[str, Any]:
        name = tag if tag in {"Ref", "Condition"} else f"Fn::{tag}"
        if isinstance(node, yaml.ScalarNode):
            return {name: loader.construct_scalar(node)}
        if isinstance(node, yaml.SequenceNode):
            return {name: loader.construct_sequence(node, deep=True)}
        return {name: loader.construct_mapping(node, deep=True)}

    Loader.add_multi_constructor("!", short_form)
    # A date is text to CloudFormation.
    Loader.yaml_implicit_resolvers = {
        first: [(tag, form) for tag, form in resolvers if not tag.endswith(":timestamp")]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    return Loader


def _check_size(node: Any) -> None:
    waiting = [(node, 0)]
    seen = 0
    while waiting:
        item, depth = waiting.pop()
        seen += 1
        if depth > _DEEPEST:
            raise ValueError(f"nested deeper than {_DEEPEST} levels")
        if seen > _MOST_NODES:
            raise ValueError(f"larger than {_MOST_NODES} values")
        if isinstance(item, dict):
            waiting += [(child, depth + 1) for child in item.values()]
        elif isinstance(item, list):
            waiting += [(child, depth + 1) for child in item]
        elif not isinstance(item, str | int | float | None):
            raise ValueError(f"a {type(item).__name__} is no value of a template")
        elif isinstance(item, int) and item.bit_length() > _MOST_BITS:
            raise ValueError("a number has thousands of digits")
