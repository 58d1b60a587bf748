"""The page holds what a run gives; the command writes it there."""

import subprocess
import sys
from collections import Counter

import pytest
from msgspec.structs import replace

from headrace.testing.conformance import Verdict, judge, requirements
from headrace.testing.conformance.memory.adapter import MemoryAdapter
from headrace.testing.conformance.reading import read
from headrace.testing.conformance.requirement import SOURCES
from headrace.testing.conformance.table import MET, first_cells, not_run, put, summary
from tests.docs.pages import ROOT

PAGE = ROOT / "docs" / "conformance.md"


def test_the_page_holds_what_a_run_gives():
    """All are met, as test_requirements says. Columns of others stand to the right of ours."""
    lines = PAGE.read_text().splitlines()
    rows = [f"| {' | '.join([*first_cells(given), MET])} |" for given in in_order()]
    shown = [line for line in lines if line.startswith("| `")]
    assert len(shown) == len(rows)
    for row, line in zip(rows, shown, strict=True):
        assert line.startswith(row)
    counts = Counter(SOURCES[given.source] for given in requirements())
    for source, count in {**counts, "all": counts.total()}.items():
        assert any(line.startswith(f"| {source} | {count} | {count} |") for line in lines)


def in_order():
    return [given for source in SOURCES for given in requirements() if given.source == source]


def run(*arguments, folder=ROOT):
    command = [sys.executable, "-m", "headrace.testing.conformance", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True)


def test_the_command_writes_the_tables_into_a_page(tmp_path):
    page = tmp_path / "page.md"
    page.write_text(put(PAGE.read_text(), {"stale": judge(MemoryAdapter(), requirements()[:1])}))
    done = run("--only", "kafka-limit-batch-size", "--page", str(page))
    assert done.returncode == 0, done.stderr
    assert "| Kafka | 2 | 2 |" in page.read_text()
    assert "| `kafka-limit-batch-size-0` |" in page.read_text()
    assert "stale" not in page.read_text()


def test_what_was_not_run_is_told_and_does_not_count():
    met, missing, other = (Verdict(given) for given in requirements()[:3])
    found = [met, replace(missing, unsupported="it is slow"), replace(other, differences=("no",))]
    columns = {"ours": [met, missing, other], "theirs": found}
    assert "| 3 | 3 | 1 of 2 |" in summary(columns)
    assert not_run(columns).splitlines()[2:] == [
        f"| theirs | `{missing.requirement.id}` | it is slow |"
    ]


def test_a_source_that_a_mapping_does_not_have_is_no_news():
    nothing = [Verdict(given, unsupported="it has none") for given in requirements()[:2]]
    assert len(not_run({"theirs": nothing}).splitlines()) == 2
    assert "| 2 | - |" in summary({"theirs": nothing})


def test_a_page_without_a_place_is_refused():
    with pytest.raises(ValueError, match="the page has no line"):
        put("# Nothing", {"ours": judge(MemoryAdapter(), requirements()[:1])})


def test_a_requirement_that_nobody_has_is_told():
    done = run("--only", "no-such")
    assert done.returncode == 2
    assert "no requirement's id holds 'no-such'" in done.stderr


@pytest.mark.parametrize(
    ("entry", "named"),
    [
        ("- {id: a, source: kafka, says: x., page: y}", "kafka-a: .*expect"),
        ("- {id: b, source: mq, says: x., page: y, expect: {}}", "mq-b: .*enum"),
        ("- {id: c, source: kafka, says: x., page: y, expect: {calls: 1}}", "kafka-c: .*calls"),
    ],
)
def test_a_wrong_requirement_is_named(entry, named):
    with pytest.raises(ValueError, match=named):
        read(entry)
