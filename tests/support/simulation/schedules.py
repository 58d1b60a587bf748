"""Random schedules of everything that can happen to a runner.

`SOAK` says how many schedules to try; without it, a few hundred, the same ones each time.
"""

import os

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.support.simulation.runners import Runner

SCHEDULES = int(os.environ.get("SOAK", "300"))


def schedules(count, **more):
    """Try so many. Raises what a promise was broken by."""
    run_state_machine_as_test(
        Runner,
        settings=settings(
            max_examples=count,
            stateful_step_count=60,
            deadline=None,
            derandomize="SOAK" not in os.environ,
            suppress_health_check=list(HealthCheck),
            **more,
        ),
    )
