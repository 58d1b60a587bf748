"""The requirements, read from their files.

A file holds a list. An entry may be of several sources: each gets a requirement of its own, whose
id begins with the source. Records may be written short: a name alone, or `{count: 10, prefix: r}`
for r0 to r9.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from typing import Any

import msgspec

from headrace.extras import needs
from headrace.testing.conformance.requirement import Requirement

_PAYLOADS = {"kafka": "value", "kinesis": "data", "sqs": "body", "fifo": "body"}
_FOLDER = resources.files("headrace.testing.conformance") / "data"


@cache
def requirements() -> tuple[Requirement, ...]:
    """Return all requirements, in the order of their sources.

    Raises:
        ValueError: a file is wrong; names the requirement.
    """
    files = sorted(_FOLDER.iterdir(), key=lambda file: file.name)
    return tuple(
        requirement
        for file in files
        if file.name.endswith(".yaml")
        for requirement in read(file.read_text(encoding="utf-8"))
    )


def read(text: str) -> list[Requirement]:
    """Read requirements.

    Raises:
        ValueError: an entry is wrong; names it.
        HeadraceError: the extra `testing` is not installed.
    """
    try:
        import yaml  # type: ignore[import-untyped]  # noqa: PLC0415 - only for this
    except ModuleNotFoundError as error:
        raise needs("testing", error) from None
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    entries = yaml.load(text, loader)  # noqa: S506 - a SafeLoader
    return [requirement for entry in entries for requirement in _requirements(entry)]


def _requirements(entry: dict[str, Any]) -> Iterator[Requirement]:
    for source in entry.get("sources") or [entry["source"]]:
        told = {name: _of(source, value) for name, value in entry.items() if name != "sources"}
        told |= {
            "id": f"{source}-{entry['id']}",
            "source": source,
            "records": list(_records(told.get("records", []))),
        }
        try:
            yield msgspec.convert(told, Requirement)
        except msgspec.ValidationError as error:
            raise ValueError(f"{told['id']}: {error}") from None


def _of(source: str, value: Any) -> Any:
    """Return what a value says for one source.

    That is `{by source: {kafka: …, kinesis: …}}`, or a pattern of the `PAYLOAD`.
    """
    if isinstance(value, str):
        return value.replace("PAYLOAD", _PAYLOADS.get(source, "PAYLOAD"))
    if isinstance(value, dict):
        if value.keys() == {"by source"}:
            return value["by source"][source]
        return {name: _of(source, inner) for name, inner in value.items()}
    return [_of(source, inner) for inner in value] if isinstance(value, list) else value


def _records(given: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(given, dict):
        more = {name: given[name] for name in given.keys() - {"count", "prefix"}}
        yield from ({"name": f"{given['prefix']}{n}", **more} for n in range(given["count"]))
        return
    for record in given:
        yield {"name": record} if isinstance(record, str) else record
