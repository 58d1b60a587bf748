"""Hold mappings against the requirements: `python -m headrace.testing.conformance`."""

import argparse
import sys
import time
from importlib import import_module
from pathlib import Path

from headrace.testing.conformance.adapter import Adapter, judge
from headrace.testing.conformance.reading import requirements
from headrace.testing.conformance.table import put, summary, unmet

_OURS = "headrace.testing.conformance.memory.adapter:MemoryAdapter"


def main() -> int:
    """Run the command. Returns 1 if the first mapping does not meet what it has."""
    parser = argparse.ArgumentParser("headrace.testing.conformance", description=__doc__)
    parser.add_argument("adapter", nargs="*", default=[_OURS], help="module:Class of an adapter")
    parser.add_argument("--only", default="", help="those whose id holds this text")
    parser.add_argument("--page", type=Path, help="write the tables into this page")
    told = parser.parse_args()
    sys.path.insert(0, str(Path.cwd()))
    chosen = [given for given in requirements() if told.only in given.id]
    if not chosen:
        parser.error(f"no requirement's id holds {told.only!r}")
    columns = {}
    for name in told.adapter:
        adapter = open_adapter(name)
        began = time.monotonic()
        columns[adapter.name] = judge(adapter, chosen)
        met = sum(verdict.is_met for verdict in columns[adapter.name])
        spent = time.monotonic() - began
        sys.stderr.write(f"{adapter.name}: {met} of {len(chosen)} met, after {spent:.0f} s\n")
        getattr(adapter, "close", lambda: None)()
    if told.page is not None:
        told.page.write_text(put(told.page.read_text(encoding="utf-8"), columns), encoding="utf-8")
    first, *_ = columns.values()
    print("\n\n".join(filter(None, (unmet(first), summary(columns)))))  # noqa: T201
    return int(any(verdict.differences for verdict in first))


def open_adapter(name: str) -> Adapter:
    """Make an adapter of `module:Class`."""
    module, _, kind = name.partition(":")
    adapter: Adapter = getattr(import_module(module), kind)()
    return adapter


if __name__ == "__main__":
    sys.exit(main())
