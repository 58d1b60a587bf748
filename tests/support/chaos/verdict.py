"""What a chaos run came to: what was done, what the histories show, and whether it is all right."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from tests.support.chaos.check import Evidence, Finding, check
from tests.support.chaos.history import ASSIGNED, KILLED, LOST
from tests.support.chaos.plan import Plan


class Verdict(NamedTuple):
    """The story of a run, and every promise with how it was kept."""

    story: Sequence[str]
    findings: Sequence[Finding]

    @property
    def ok(self) -> bool:
        """Whether every promise was kept."""
        return all(finding.ok for finding in self.findings)

    def __str__(self) -> str:
        end = "every promise kept" if self.ok else "BROKEN"
        return "\n".join([*self.story, *map(_row, self.findings), f"verdict: {end}"])


def judge(plan: Plan, evidence: Evidence, kills: int, mishaps: Sequence[str]) -> Verdict:
    """Hold a run against what was promised, and against its own plan.

    Args:
        plan: what was to be done; a fault that did not come about proves nothing.
        evidence: what there is to judge.
        kills: how many runners died by SIGKILL.
        mishaps: what nobody planned: runners that ended by themselves, a standstill.
    """
    moments = Counter(event.key for event in evidence.events if event.kind == KILLED)
    planned = {point.replace(" ", "-") for point in plan.kill_points[: plan.kills]} - {"anywhere"}
    findings = [
        *check(evidence),
        Finding("runners that ended by themselves, or stood still", len(mishaps), 0, mishaps[:5]),
        _missing("record that was not acknowledged", plan.records - len(evidence.acknowledged)),
        _missing("planned kill that did not come about", max(0, plan.kills - kills)),
        _missing("window in which no runner died", len(planned - moments.keys())),
    ]
    return Verdict(_story(plan, evidence, kills, moments), findings)


def _story(plan: Plan, evidence: Evidence, kills: int, moments: Counter[str]) -> list[str]:
    poison = sum(record.poison for record in evidence.log)
    kinds = Counter(event.kind for event in evidence.events)
    within = ", ".join(f"{count} {moment}" for moment, count in sorted(moments.items()))
    return [
        f"{len(evidence.log):,} records of {plan.keys:,} keys on {plan.partitions} partitions,"
        f" {poison} of them poison (ended by {plan.ending});"
        f" {plan.runners} runners ({plan.member}),"
        f" up to {plan.window} records of a partition out and not committed",
        f"{kills} runners killed ({within}; {kills - moments.total()} anywhere),"
        f" {plan.stops} stopped beyond max.poll.interval.ms,"
        f" broker restarted {plan.broker_restarts} times;"
        f" {kinds[ASSIGNED]} assignments of a partition, {kinds[LOST]} of them lost",
    ]


def _missing(what: str, count: int) -> Finding:
    return Finding(what, count, 0)


def _row(finding: Finding) -> str:
    mark = "ok" if finding.ok else f"BROKEN: {'; '.join(map(str, finding.examples))}"
    return f"  {finding.promise:<58}{finding.found:>8,} of at most {finding.allowed:>7,}  {mark}"
