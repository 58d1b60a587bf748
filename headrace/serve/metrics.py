"""What a server has done, as Prometheus metrics. Loaded only if they can be served."""

from collections.abc import Sequence
from functools import cache, partial

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from headrace.serve.service import Service
from headrace.web.answer import Answer
from headrace.web.head import Head
from headrace.web.metrics_page import metrics_page

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024)


class ServeMetrics:
    """Counts requests and batches, by worker."""

    def __init__(self) -> None:
        self._by_status: dict[tuple[str, int], tuple[Counter, Histogram]] = {}
        self._registry = registry = CollectorRegistry(auto_describe=False)
        self._requests = Counter(
            "headrace_http_requests",
            "Requests that were answered, by worker and status.",
            ("worker", "status"),
            registry=registry,
        )
        self._seconds = Histogram(
            "headrace_http_request_seconds",
            "Time from a request's arrival to its answer.",
            ("worker",),
            buckets=_SECONDS,
            registry=registry,
        )
        batches = Histogram(
            "headrace_http_batch_size",
            "Requests that one call of a worker has answered.",
            ("worker",),
            buckets=_SIZES,
            registry=registry,
        )
        self._batches = cache(batches.labels)
        self._waiting = Gauge(
            "headrace_http_waiting",
            "Requests that wait for their turn.",
            ("worker",),
            registry=registry,
        )

    def watch(self, services: Sequence[Service]) -> None:
        """Show how many requests wait at each worker."""
        for service in services:
            self._waiting.labels(service.name).set_function(partial(_waiting, service))

    def count(self, worker: str, status: int, seconds: float) -> None:
        """Note that a request was answered. An empty worker: by the server itself."""
        one = self._by_status.get((worker, status))
        if one is None:
            one = self._requests.labels(worker, str(status)), self._seconds.labels(worker)
            self._by_status[worker, status] = one
        one[0].inc()
        one[1].observe(seconds)

    def count_batch(self, worker: str, size: int) -> None:
        """Note how many requests a call has taken."""
        self._batches(worker).observe(size)

    def page(self, head: Head) -> Answer:
        """Return all of it, in the text format or in OpenMetrics."""
        page, content_type = metrics_page(self._registry, ", ".join(head.values("accept")))
        return Answer(200, (("content-type", content_type),), page)


def _waiting(service: Service) -> float:
    return service.waiting
