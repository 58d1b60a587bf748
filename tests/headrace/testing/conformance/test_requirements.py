"""The runner meets every requirement, however it reaches the function."""

import pytest

from headrace.testing.conformance import Script, requirements
from headrace.testing.conformance.adapter import verdict
from headrace.testing.conformance.memory.adapter import MemoryAdapter
from headrace.testing.conformance.requirement import SOURCES
from tests.support.served_function import (
    behind_the_runtime_interface,
    in_a_child,
    in_aws_lambda,
)

ALL = requirements()
# What the function answers comes another way then; the rest is the same.
SCRIPTED = [
    given
    for given in ALL
    if given.function != Script() and given.source in {"kafka", "kinesis", "sqs"}
]
# A process for each takes its time.
IN_CHILDREN = [
    given
    for given in SCRIPTED
    if given.id.partition("-")[2] in {"retries-2", "bisect-again", "partial-attempts"}
]


def name_of(requirement):
    return requirement.id


def check(adapter, requirement):
    found = verdict(adapter, requirement)
    assert found.unsupported is None
    assert found.differences == ()


@pytest.mark.parametrize("requirement", ALL, ids=name_of)
def test_the_runner_meets(requirement):
    check(MemoryAdapter(), requirement)


@pytest.mark.parametrize("requirement", SCRIPTED, ids=name_of)
def test_a_function_behind_the_runtime_interface_meets(requirement):
    check(MemoryAdapter(behind_the_runtime_interface), requirement)


@pytest.mark.parametrize("requirement", SCRIPTED, ids=name_of)
def test_a_function_in_aws_lambda_meets(requirement, monkeypatch):
    check(MemoryAdapter(in_aws_lambda(monkeypatch)), requirement)


@pytest.mark.parametrize("requirement", IN_CHILDREN, ids=name_of)
@pytest.mark.slow(seconds=1)
def test_a_function_in_a_child_meets(requirement):
    check(MemoryAdapter(in_a_child, timeout=60.0), requirement)


def test_there_are_enough():
    by_source = {name: sum(given.source == name for given in ALL) for name in SOURCES}
    assert len(ALL) >= 150
    assert by_source["kafka"] >= 40
    assert by_source["kinesis"] >= 40
    assert by_source["dynamodb"] >= 40
    assert by_source["sqs"] >= 30
    assert by_source["fifo"] >= 30


REFUSED = [given for given in ALL if given.expect.refused]


@pytest.mark.parametrize("requirement", REFUSED, ids=name_of)
def test_what_is_refused_is_named(requirement):
    told = MemoryAdapter().run(requirement).refused
    assert any(name in told for name in requirement.mapping)


def test_each_has_its_own_name_and_says_where_it_comes_from():
    assert len({given.id for given in ALL}) == len(ALL)
    for given in ALL:
        assert given.url or given.page == "recorded"
        assert given.says.endswith(".")


def test_each_asks_for_something():
    """GIVEN a mapping that does nothing at all, THEN it meets hardly any."""
    idle = [given for given in ALL if not given.expect.refused and not given.records]
    assert len(idle) <= len(SOURCES)
