"""The short chaos run; `python -m tests.chaos.run` is the long one."""

import sys

import pytest

from tests.support.chaos.chaos import Chaos
from tests.support.chaos.plan import Plan

SHORT = Plan(
    records=5_000, poison=0.02, kills=6, stops=1, broker_restarts=1, seconds=10, partitions=12
)

# A record that fails on and on, whatever else happens: its key waits, and no other.
ENDLESS = Plan(
    records=2_000,
    poison=0.01,
    kills=3,
    stops=0,
    broker_restarts=1,
    seconds=5,
    partitions=4,
    records_ahead=10_000,
    ending="cure",
)


@pytest.fixture(scope="module")
def kafka(lone_kafka):
    """A broker that may be killed."""
    return lone_kafka


@pytest.mark.kafka
@pytest.mark.slow(seconds=60)
@pytest.mark.timeout(900)  # on a busy machine; two minutes on a quiet one
@pytest.mark.parametrize("plan", [SHORT, ENDLESS], ids=["given up", "retried without end"])
def test_runners_keep_their_promises_while_they_and_the_broker_are_killed(
    plan, kafka, tmp_path, capsys
):
    def tell(line: str) -> None:
        with capsys.disabled():
            sys.stdout.write(f"\n{line}")

    verdict = Chaos(plan, kafka, tmp_path, tell).run()
    tell(str(verdict))
    assert verdict.ok
