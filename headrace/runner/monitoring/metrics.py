"""What a runner has done, as Prometheus metrics: under AWS's names where AWS has the metric.

Counters end in `_total`, as the format wants it: `PolledEventCount_total`. Loaded only if
metrics are served.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import accumulate
from typing import get_args

import msgspec
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector, CollectorRegistry

from headrace.runner.monitoring.stats import SECONDS, Counts, Snapshot
from headrace.runner.monitoring.watched import Watched
from headrace.web.metrics_page import metrics_page

Render = Callable[[str], tuple[bytes, str]]
"""Takes a request's Accept header; returns a page and its content type."""


def renderer(stats: Watched, name: str) -> Render:
    """Return what renders the metrics of one mapping, in the text format or in OpenMetrics.

    Args:
        stats: read at each rendering.
        name: the mapping's, for the label `mapping`.
    """
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Metrics(stats, name))
    return partial(metrics_page, registry)


class _Metrics(Collector):
    """Collects from one snapshot, so that all numbers of a page belong together."""

    def __init__(self, stats: Watched, name: str) -> None:
        self._stats = stats
        self._name = name

    def describe(self) -> Iterable[Metric]:
        return ()

    def collect(self) -> Iterator[Metric]:
        now = self._stats.snapshot()
        yield from self._counters(now)
        yield from self._lag(now)
        yield from self._partitions(now)
        yield self._gauge(
            "headrace_poll_age_seconds", "Time since the source was polled.", now.poll_age
        )
        yield self._seconds(now)

    def _counters(self, now: Snapshot) -> Iterator[Metric]:
        for field in msgspec.structs.fields(Counts):
            about = get_args(field.type)[1]
            family = CounterMetricFamily(about.title, about.description, labels=("mapping",))
            family.add_metric((self._name,), getattr(now, field.name))
            yield family

    def _lag(self, now: Snapshot) -> Iterator[Metric]:
        if now.lag:
            yield self._gauge(
                "MaxOffsetLag", "Records behind, of the worst partition.", max(now.lag.values())
            )
            yield self._gauge(
                "SumOffsetLag", "Records behind, of all partitions.", sum(now.lag.values())
            )
        yield self._by("partition", "OffsetLag", "Records behind the partition's end.", now.lag)
        yield self._by("shard", "IteratorAge", "Milliseconds behind the shard's end.", now.age)

    def _partitions(self, now: Snapshot) -> Iterator[Metric]:
        for name, text, values in (
            ("partitions", "Partitions or shards assigned.", [1 for _ in now.partitions]),
            (
                "partitions_retrying",
                "Partitions or shards that retry a record.",
                [p.tries > 0 for p in now.partitions],
            ),
            (
                "records_in_flight",
                "Records with the function.",
                [p.in_flight for p in now.partitions],
            ),
            ("records_buffered", "Records that wait for it.", [p.buffered for p in now.partitions]),
        ):
            yield self._gauge(f"headrace_{name}", text, sum(values))
        yield self._gauge(
            "headrace_oldest_invocation_seconds", "How long it has been running.", now.oldest
        )

    def _seconds(self, now: Snapshot) -> Metric:
        bounds = (*map(str, SECONDS), "+Inf")
        family = HistogramMetricFamily(
            "headrace_invocation_seconds", "The time of an invocation.", labels=("mapping",)
        )
        buckets = list(zip(bounds, accumulate(now.seconds), strict=True))
        family.add_metric((self._name,), buckets, now.seconds_sum)
        return family

    def _gauge(self, name: str, text: str, value: float) -> Metric:
        family = GaugeMetricFamily(name, text, labels=("mapping",))
        family.add_metric((self._name,), value)
        return family

    def _by(self, label: str, name: str, text: str, values: dict[str, int]) -> Metric:
        family = GaugeMetricFamily(name, text, labels=("mapping", label))
        for partition, value in values.items():
            family.add_metric((self._name, partition), value)
        return family
