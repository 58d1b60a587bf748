"""What a poller must know: a new kind of stream is its own folder, and little else."""

import pytest

import headrace.runner
from tests.support.imports import arrows

POLLERS = ("headrace.runner.kafka.poller", "headrace.runner.shards.poller")
OPENERS = ("headrace.runner.kinesis.open", "headrace.runner.dynamodb.open")
MOST = 30  # modules
OF_THE_ENGINE = ("dispatch", "delivery", "function", "mapping", "intake", "committer", "monitoring")


def closure(module: str) -> set[str]:
    """All that a module imports, and what that imports."""
    found, left = set(), [module]
    while left:
        new = arrows()[left.pop()] - found
        found |= new
        left += new
    return found


@pytest.mark.parametrize("poller", POLLERS)
def test_a_poller_imports_few_modules_and_nothing_of_the_engine(poller):
    known = closure(poller)

    assert len(known) <= MOST
    assert not [name for name in known for part in OF_THE_ENGINE if f"runner.{part}" in name]


@pytest.mark.parametrize("opener", OPENERS)
def test_what_opens_a_poller_knows_nothing_of_the_engine_either(opener):
    assert not [name for name in closure(opener) for p in OF_THE_ENGINE if f"runner.{p}" in name]


def test_the_face_of_the_runner_is_complete_and_described():
    for name in headrace.runner.__all__:
        assert getattr(headrace.runner, name).__doc__
    with pytest.raises(AttributeError, match="nothing_of_ours"):
        headrace.runner.nothing_of_ours  # noqa: B018
