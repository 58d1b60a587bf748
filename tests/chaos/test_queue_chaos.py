"""Runners on a queue are killed, and so is its server: nothing is lost, groups keep in order.

`CHAOS_MESSAGES` and `CHAOS_KILLS` make it a longer run.
"""

import os

import boto3
import pytest

from headrace.testing.brokers.elasticmq import ElasticMq
from headrace.testing.brokers.jars import QUICK_JVM
from tests.support.sqs.chaos import AHEAD, Plan, QueueChaos

MESSAGES = int(os.environ.get("CHAOS_MESSAGES", "300"))
KILLS = int(os.environ.get("CHAOS_KILLS", "3"))
# What may be done and not deleted: all that a runner holds, of two runners if the server goes.
REPEATED_BY_A_HARM = 2 * AHEAD


@pytest.fixture(scope="module")
def one_server(tmp_path_factory):
    """Both tests have a queue of their own on it, one after the other."""
    with ElasticMq(tmp_path_factory.mktemp("elasticmq"), keeps=True, jvm=QUICK_JVM) as server:
        yield server


@pytest.fixture
def server(one_server, monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "local")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "local")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_ENDPOINT_URL", one_server.endpoint)
    return one_server


@pytest.mark.kinesis
@pytest.mark.slow(seconds=90)
@pytest.mark.timeout(max(1800, MESSAGES / 10))
@pytest.mark.parametrize("groups", [0, 12], ids=["standard", "FIFO"])
def test_nothing_is_lost_and_groups_keep_in_order(groups, server, tmp_path):
    # Started again, ElasticMQ hands out first what nobody had received before: that is no order.
    restarts = 0 if groups else 1
    plan = Plan(messages=MESSAGES, groups=groups, kills=KILLS, stops=2, restarts=restarts)
    chaos = QueueChaos(plan, server, boto3.client("sqs"), tmp_path)
    try:
        chaos.run()
    finally:
        chaos.end()
    repeated = len(chaos.notes.all) - MESSAGES
    assert len(chaos.notes.distinct) == MESSAGES
    assert repeated <= (plan.kills + plan.restarts) * REPEATED_BY_A_HARM
    if groups:
        assert chaos.notes.skipped() == []
