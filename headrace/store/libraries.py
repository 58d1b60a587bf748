"""Whether the installed libraries may load a version, by the ranges in its manifest."""

import operator
import re
import sys
from collections.abc import Mapping, Sequence
from itertools import zip_longest
from pathlib import Path

from headrace.store.errors import LibraryError

_COMPARE = {
    ">=": operator.ge,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    "<": operator.lt,
}
_CLAUSE = re.compile(r"\s*(>=|<=|==|!=|>|<)\s*(\d+(?:\.\d+)*)\s*")
_RELEASE = re.compile(r"\d+(?:\.\d+)*")


def check_libraries(libraries: Mapping[str, str]) -> None:
    """Check that every named distribution is installed in a version within its range.

    Args:
        libraries: Distribution name to specifier, `{"xgboost-cpu": ">=3.2,<4"}`. If one of several
            distributions will do, their names are separated by `|`.

    Raises:
        LibraryError: Names each library that is absent or out of range.
    """
    wrong = []
    for names, specifier in sorted(libraries.items()):
        installed = _installed(names.split("|"))
        if not installed:
            absent = names.replace("|", " or ")
            wrong.append(f"{absent} is not installed, {specifier} is needed")
        elif not any(satisfies(version, specifier) for version in installed.values()):
            present = ", ".join(f"{name} {version}" for name, version in installed.items())
            wrong.append(f"{present} is installed, {specifier} is needed")
    if wrong:
        raise LibraryError("; ".join(wrong))


def _installed(names: Sequence[str]) -> dict[str, str]:
    """Return which of some distributions are installed, and their versions.

    The metadata are asked only if no folder says it of any of them: that is slow.
    """
    for version_of in (_version_of_folder, _version_of_metadata):
        if found := {name: version for name in names if (version := version_of(name))}:
            return found
    return {}


def _version_of_folder(name: str) -> str | None:
    """Return the version in the name of a wheel's folder (`xgboost_cpu-3.2.0.dist-info`).

    Asking `importlib.metadata` would be a fifteenth of a cold start.
    """
    for folder in map(Path, sys.path):
        for info in folder.glob("*.dist-info"):
            found, _, version = info.stem.partition("-")
            if _normal(found) == _normal(name):
                return version
    return None


def _version_of_metadata(name: str) -> str | None:
    from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415 - slow, and rare

    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "_", name).lower()


def satisfies(installed: str, specifier: str) -> bool:
    """Say whether a version lies in a range such as `>=3.2,<4`; an empty range holds every version.

    Only the numbers of the release count: 3.2rc1 and 3.2+cpu are 3.2 here.

    Raises:
        LibraryError: The specifier is not made of `>=`, `<=`, `==`, `!=`, `>`, `<` and numbers.
    """
    release = _RELEASE.match(installed)
    if release is None:
        raise LibraryError(f"not a version: {installed!r}")
    return all(
        _COMPARE[comparison](*_aligned(release[0], bound))
        for comparison, bound in _clauses(specifier)
    )


def _clauses(specifier: str) -> list[tuple[str, str]]:
    clauses = []
    for text in filter(str.strip, specifier.split(",")):
        match = _CLAUSE.fullmatch(text)
        if match is None:
            raise LibraryError(f"not a version range: {specifier!r}")
        clauses.append((match[1], match[2]))
    return clauses


def _aligned(left: str, right: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
    pairs = zip_longest(map(int, left.split(".")), map(int, right.split(".")), fillvalue=0)
    lefts, rights = zip(*pairs, strict=True)
    return lefts, rights
