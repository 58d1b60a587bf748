"""The metrics page, read back by the parsers of Prometheus's own client."""

import math

import pytest
from prometheus_client import parser
from prometheus_client.openmetrics import parser as openmetrics

from headrace.runner.monitoring.metrics import renderer
from headrace.runner.monitoring.stats import Counts, PartitionStatus, Stats

OPENMETRICS = "application/openmetrics-text; version=1.0.0"
FORMATS = {
    "text/plain; version=0.0.4": parser.text_string_to_metric_families,
    OPENMETRICS: openmetrics.text_string_to_metric_families,
}


def samples(stats, accept=OPENMETRICS):
    """{(name, partition or shard or bound): value}, and the families by name."""
    body, content_type = renderer(stats, "orders/billing")(accept)
    assert content_type.split(";")[0] == accept.split(";")[0]
    families = {family.name: family for family in FORMATS[accept](body.decode())}
    values = {}
    for family in families.values():
        for sample in family.samples:
            labels = dict(sample.labels)
            assert labels.pop("mapping") == "orders/billing"
            values[(sample.name, *labels.values())] = sample.value
    return values, families


@pytest.mark.parametrize("accept", FORMATS)
def test_counters_go_by_the_names_of_aws(accept):
    stats = Stats()
    stats.add(Counts(polled=100, filtered_out=10, invoked=93, failed=4, retried=3, committed=80))
    stats.add(Counts(dropped=0, delivered_to_destination=1, dead_lettered=2, lost=7, done=88))

    values, families = samples(stats, accept)

    assert {name: values[(f"{name}_total",)] for name in families if "Count" in name} == {
        "PolledEventCount": 100,
        "FilteredOutEventCount": 10,
        "InvokedEventCount": 93,
        "FailedInvokeEventCount": 4,
        "DroppedEventCount": 0,
        "OnFailureDestinationDeliveredEventCount": 1,
        "CommittedEventCount": 80,
    }
    assert families["PolledEventCount"].type == "counter"
    assert values[("headrace_records_lost_total",)] == 7
    assert values[("headrace_records_retried_total",)] == 3
    assert values[("headrace_records_dead_lettered_total",)] == 2
    assert values[("headrace_records_done_total",)] == 88


def test_lag_of_partitions_by_record():
    stats = Stats()
    stats.set_lag({"orders-0": 5, "orders-1": 1_000, "orders-2": 0})
    values, _ = samples(stats)
    assert values[("OffsetLag", "orders-1")] == 1_000
    assert values[("OffsetLag", "orders-2")] == 0
    assert values[("MaxOffsetLag",)] == 1_000
    assert values[("SumOffsetLag",)] == 1_005


def test_age_of_shards_in_milliseconds():
    stats = Stats()
    stats.set_age({"shardId-000000000001": 2_500})
    values, families = samples(stats)
    assert values[("IteratorAge", "shardId-000000000001")] == 2_500
    assert "MaxOffsetLag" not in families


def test_a_partition_that_went_away_is_no_longer_shown():
    stats = Stats()
    stats.set_lag({"orders-0": 5, "orders-1": 3})
    stats.set_lag({"orders-1": 3})
    values, _ = samples(stats)
    assert ("OffsetLag", "orders-0") not in values


def test_what_the_partitions_hold():
    stats = Stats()
    partitions = [
        PartitionStatus(name="orders-0", buffered=40, in_flight=10, in_flight_since=0.0, tries=2),
        PartitionStatus(name="orders-1", buffered=2),
    ]
    stats.watch(lambda: partitions)
    values, _ = samples(stats)
    assert values[("headrace_partitions",)] == 2
    assert values[("headrace_partitions_retrying",)] == 1
    assert values[("headrace_records_in_flight",)] == 10
    assert values[("headrace_records_buffered",)] == 42
    assert values[("headrace_oldest_invocation_seconds",)] > 0


def test_the_times_of_invocations_are_a_cumulative_histogram():
    stats = Stats()
    for seconds in (0.002, 0.02, 0.02, 5_000):
        stats.add(Counts(), seconds)
    values, families = samples(stats)
    assert families["headrace_invocation_seconds"].type == "histogram"
    name = "headrace_invocation_seconds"
    assert values[(f"{name}_bucket", "0.001")] == 0
    assert values[(f"{name}_bucket", "0.003")] == 1
    assert values[(f"{name}_bucket", "900.0")] == 3
    assert values[(f"{name}_bucket", "+Inf")] == values[(f"{name}_count",)] == 4
    assert values[(f"{name}_sum",)] == pytest.approx(5_000.042)


def test_every_metric_says_what_it_is():
    _, families = samples(Stats())
    assert all(f.documentation for f in families.values())
    assert math.isfinite(samples(Stats())[0][("headrace_poll_age_seconds",)])


def test_names_that_need_escaping():
    stats = Stats()
    stats.set_lag({'a "quoted" \\ topic\n-0': 1})
    values, _ = samples(stats)
    assert values[("OffsetLag", 'a "quoted" \\ topic\n-0')] == 1
