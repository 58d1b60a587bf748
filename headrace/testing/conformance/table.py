"""The verdicts as tables of a page."""

from collections.abc import Iterable, Mapping, Sequence

from headrace.testing.conformance.adapter import Verdict
from headrace.testing.conformance.requirement import SOURCES, Requirement

MET, NOT_MET, ABSENT = "✓", "✗", "-"
_BEGIN = "<!-- {}: written by `make conformance` -->"
_END = "<!-- end -->"

Columns = Mapping[str, Sequence[Verdict]]
"""The verdicts of each mapping, by its name; all of the same requirements."""


def mark(verdict: Verdict) -> str:
    """Return a verdict as a sign."""
    if verdict.unsupported is not None:
        return ABSENT
    return MET if verdict.is_met else NOT_MET


def summary(columns: Columns) -> str:
    """Return how many requirements each mapping meets, source by source."""
    lines = [_row(["source", "requirements", *columns]), _row(["---"] * (2 + len(columns)))]
    (some, *_) = columns.values()
    for source, title in (*SOURCES.items(), ("", "all")):
        chosen = [n for n, v in enumerate(some) if source in {"", v.requirement.source}]
        if chosen:
            met = [sum(verdicts[n].is_met for n in chosen) for verdicts in columns.values()]
            lines.append(_row([title, str(len(chosen)), *map(str, met)]))
    return "\n".join(lines)


def details(columns: Columns) -> str:
    """Return a table for each source, a row for each requirement."""
    (some, *_) = columns.values()
    parts = []
    for source, title in SOURCES.items():
        chosen = [n for n, v in enumerate(some) if v.requirement.source == source]
        if chosen:
            parts += [f"### {title}", "", _row(["requirement", "AWS says", *columns])]
            parts.append(_row(["---"] * (2 + len(columns))))
            for n in chosen:
                marks = [mark(verdicts[n]) for verdicts in columns.values()]
                parts.append(_row([*first_cells(some[n].requirement), *marks]))
            parts.append("")
    return "\n".join(parts).rstrip()


def first_cells(requirement: Requirement) -> list[str]:
    """Return what a row says of a requirement, before the marks."""
    says = requirement.says.strip()
    if requirement.two_ways:
        says += f" *Documented in two ways:* {requirement.two_ways.strip()}"
    page = f"[{requirement.page}]({requirement.url})" if requirement.url else "recorded"
    return [f"`{requirement.id}`", f"{says} ({page})"]


def put(page: str, columns: Columns) -> str:
    """Return a page with its tables replaced. Raises ValueError if it has no place for one."""
    for name, table in (("summary", summary(columns)), ("details", details(columns))):
        begin = _BEGIN.format(name)
        before, found, rest = page.partition(begin)
        _, closed, after = rest.partition(_END)
        if not (found and closed):
            raise ValueError(f"the page has no line {begin}, or no {_END} behind it")
        page = f"{before}{begin}\n\n{table}\n\n{_END}{after}"
    return page


def unmet(verdicts: Iterable[Verdict]) -> str:
    """Return what differs, a line for each."""
    return "\n".join(
        f"{verdict.requirement.id}: {difference}"
        for verdict in verdicts
        for difference in verdict.differences
    )


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
