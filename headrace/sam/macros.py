"""What macros make of a template: loops are expanded, what others do is told."""

from dataclasses import dataclass
from typing import Any

from headrace.sam.for_each import Expansion, Gap
from headrace.sam.resolver import Resolver

_LANGUAGE_EXTENSIONS = "AWS::LanguageExtensions"
# What these do does not change what runs.
_PLAIN = {
    "AWS::Serverless-2016-10-31",
    _LANGUAGE_EXTENSIONS,
    "AWS::CodeDeployBlueGreen",
    "AWS::SecretsManager-2020-07-23",
    "AWS::SecretsManager-2024-09-16",
}


@dataclass(frozen=True)
class Expanded:
    """A template with its loops expanded.

    Attributes:
        template: the template.
        gaps: what could not be expanded.
        warnings: what whoever runs a function should know of that.
    """

    template: dict[str, Any]
    gaps: list[Gap]
    warnings: list[str]


def expand(template: dict[str, Any], resolver: Resolver) -> Expanded:
    """Expand the loops of a template.

    Args:
        template: as it was read.
        resolver: of that template: it finds the collections of loops.

    Raises:
        SettingsError: a loop is wrong.
    """
    expansion = Expansion(resolver.resolve)
    sections: dict[str, Any] = {
        section: expansion.expand(template[section], section)
        for section in ("Conditions", "Resources")
        if section in template
    }
    warnings = [gap.why for gap in expansion.gaps]
    names = _transforms(template)
    others = [name for name in names if name not in _PLAIN]
    warnings += [f"Transform {name} is applied by AWS only" for name in others]
    if expansion.has_loops and _LANGUAGE_EXTENSIONS not in names:
        warnings.append(f"on AWS, Fn::ForEach needs Transform: {_LANGUAGE_EXTENSIONS}")
    return Expanded({**template, **sections}, expansion.gaps, warnings)


def _transforms(template: dict[str, Any]) -> list[str]:
    found = template.get("Transform", [])
    items = found if isinstance(found, list) else [found]
    return [str(item.get("Name") if isinstance(item, dict) else item) for item in items]
