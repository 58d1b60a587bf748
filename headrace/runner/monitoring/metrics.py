"""What a runner has done, as Prometheus metrics: under AWS's names where AWS has the metric.

Counters end in `_total`, as the format wants it: `PolledEventCount_total`. Loaded only where
metrics are served.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import accumulate

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector, CollectorRegistry

from headrace.runner.monitoring.stats import SECONDS, Snapshot, Stats

_COUNTERS = (
    ("PolledEventCount", "polled", "Records taken from the source."),
    ("FilteredOutEventCount", "filtered_out", "Records that matched no filter pattern."),
    ("InvokedEventCount", "invoked", "Records handed to the function; each retry counts again."),
    ("FailedInvokeEventCount", "failed", "Records that an invocation left undone."),
    ("DroppedEventCount", "dropped", "Records given up without a failure destination."),
    (
        "OnFailureDestinationDeliveredEventCount",
        "delivered_to_destination",
        "Records given up, and acknowledged by the failure destination.",
    ),
    ("CommittedEventCount", "committed", "Records behind the committed position."),
    ("headrace_records_done", "done", "Records that the function processed."),
    ("headrace_records_retried", "retried", "Records delivered once more."),
    ("headrace_records_dead_lettered", "dead_lettered", "Records acknowledged as dead letters."),
    ("headrace_records_lost", "lost", "Records gone from the source before they were read."),
)

Render = Callable[[str], tuple[bytes, str]]
"""Takes a request's Accept header; returns a page and its content type."""


def renderer(stats: Stats, name: str) -> Render:
    """What renders the metrics of one mapping, in the text format or in OpenMetrics.

    Args:
        stats: read at each rendering.
        name: the mapping's, for the label `mapping`.
    """
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Metrics(stats, name))

    def render(accept: str) -> tuple[bytes, str]:
        encode, content_type = choose_encoder(accept)
        return encode(registry), content_type

    return render


class _Metrics(Collector):
    """Collects from one snapshot, so that all numbers of a page belong together."""

    def __init__(self, stats: Stats, name: str) -> None:
        self._stats = stats
        self._name = name

    def describe(self) -> Iterable[Metric]:
        return ()

    def collect(self) -> Iterator[Metric]:
        now = self._stats.snapshot()
        yield from self._counters(now)
        yield from self._lag(now)
        yield from self._lanes(now)
        yield self._gauge(
            "headrace_poll_age_seconds", "Time since the source was polled.", now.poll_age
        )
        yield self._seconds(now)

    def _counters(self, now: Snapshot) -> Iterator[Metric]:
        for name, field, text in _COUNTERS:
            family = CounterMetricFamily(name, text, labels=("mapping",))
            family.add_metric((self._name,), getattr(now, field))
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

    def _lanes(self, now: Snapshot) -> Iterator[Metric]:
        for name, text, values in (
            ("lanes", "Partitions or shards assigned.", (1 for _ in now.lanes)),
            ("lanes_retrying", "Lanes that retry a batch.", (lane.tries > 0 for lane in now.lanes)),
            ("records_in_flight", "Records with the function.", (x.in_flight for x in now.lanes)),
            ("records_buffered", "Records that wait for it.", (x.buffered for x in now.lanes)),
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
        for lane, value in values.items():
            family.add_metric((self._name, lane), value)
        return family
