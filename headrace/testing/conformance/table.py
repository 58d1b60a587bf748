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
            found = [_count([verdicts[n] for n in chosen]) for verdicts in columns.values()]
            lines.append(_row([title, str(len(chosen)), *found]))
    return "\n".join(lines)


def _count(verdicts: Sequence[Verdict]) -> str:
    """Return how many are met; and of how many, if not all of them were run."""
    met = sum(verdict.is_met for verdict in verdicts)
    run = sum(verdict.unsupported is None for verdict in verdicts)
    if not run:
        return ABSENT
    return str(met) if run == len(verdicts) else f"{met} of {run}"


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


def not_run(columns: Columns) -> str:
    """Return why some requirements of a source were not run, although others were."""
    lines = [_row(["mapping", "not run", "because"]), _row(["---"] * 3)]
    for name, verdicts in columns.items():
        has = {v.requirement.source for v in verdicts if v.unsupported is None}
        missing: dict[str, list[str]] = {}
        for verdict in verdicts:
            if verdict.unsupported is not None and verdict.requirement.source in has:
                missing.setdefault(verdict.unsupported, []).append(verdict.requirement.id)
        for why, ids in missing.items():
            lines.append(_row([name, ", ".join(f"`{given}`" for given in ids), why]))
    return "\n".join(lines)


def first_cells(requirement: Requirement) -> list[str]:
    """Return what a row says of a requirement, before the marks."""
    says = requirement.says.strip()
    if requirement.two_ways:
        says += f" *Documented in two ways:* {requirement.two_ways.strip()}"
    page = f"[{requirement.page}]({requirement.url})" if requirement.url else "recorded"
    return [f"`{requirement.id}`", f"{says} ({page})"]


def put(page: str, columns: Columns) -> str:
    """Return a page with its tables replaced. Raises ValueError if it has no place for one."""
    tables = {"summary": summary, "not run": not_run, "details": details}
    for name, make in tables.items():
        table = make(columns)
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
