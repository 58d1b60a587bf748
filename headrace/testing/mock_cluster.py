"""Librdkafka's own mock cluster: a Kafka broker inside this process, reachable from any other.

What it cannot do: it keeps about 5 MB of each partition and drops what is older; looking up
offsets by time answers "end"; a topic that is not created here is made with four partitions when
first named; the admin requests to create and describe topics are not there. After a member left or
was lost, a group forms again only `session.timeout.ms` less a second later (never sooner than one
second), so ask for short sessions.
"""

import ctypes
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from confluent_kafka import cimpl

from headrace.testing.brokers.process import BrokerError

_REBALANCE_DELAY_MS = 100
_PRODUCER = 0


class MockCluster:
    """A cluster of one broker, which forgets everything when it is closed.

    Attributes:
        bootstrap: the address for `bootstrap.servers`.

    Raises:
        BrokerError: librdkafka could not start it.
    """

    def __init__(self) -> None:
        self._library = library = _librdkafka()
        reason = ctypes.create_string_buffer(512)
        settings = library.rd_kafka_conf_new()
        for name, value in {b"bootstrap.servers": b"127.0.0.1:1", b"log_level": b"0"}.items():
            library.rd_kafka_conf_set(settings, name, value, reason, len(reason))
        self._client = library.rd_kafka_new(_PRODUCER, settings, reason, len(reason))
        if not self._client:
            raise BrokerError(f"librdkafka gave no client: {reason.value.decode()}")
        self._cluster: Any = library.rd_kafka_mock_cluster_new(self._client, 1)
        library.rd_kafka_mock_group_initial_rebalance_delay_ms(self._cluster, _REBALANCE_DELAY_MS)
        self.bootstrap: str = library.rd_kafka_mock_cluster_bootstraps(self._cluster).decode()

    def create_topic(self, name: str, partitions: int) -> None:
        """Create a topic. Raises BrokerError if librdkafka refuses it."""
        refused = partitions < 1 or self._library.rd_kafka_mock_topic_create(
            self._cluster, name.encode(), partitions, 1
        )
        if refused:
            raise BrokerError(f"no topic {name!r} with {partitions} partitions can be made")

    def close(self) -> None:
        """End the broker."""
        self._library.rd_kafka_mock_cluster_destroy(self._cluster)
        self._library.rd_kafka_destroy(self._client)


@contextmanager
def embedded_kafka(topics: Mapping[str, int]) -> Iterator[str]:
    """A Kafka broker inside this process, for as long as the context lasts.

    Args:
        topics: Topics to create, each with its number of partitions.

    Yields:
        The address for `bootstrap.servers`.

    Raises:
        BrokerError: librdkafka could not start it, or refused a topic.
    """
    cluster = MockCluster()
    try:
        for topic, partitions in topics.items():
            cluster.create_topic(topic, partitions)
        yield cluster.bootstrap
    finally:
        cluster.close()


def _librdkafka() -> ctypes.CDLL:
    """Return the librdkafka that confluent_kafka itself uses, found through its module."""
    library = ctypes.CDLL(cimpl.__file__)
    pointer, text, number = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int
    size = ctypes.c_size_t
    signatures = {
        "rd_kafka_conf_new": (pointer, []),
        "rd_kafka_conf_set": (number, [pointer, text, text, text, size]),
        "rd_kafka_new": (pointer, [number, pointer, text, size]),
        "rd_kafka_destroy": (None, [pointer]),
        "rd_kafka_mock_cluster_new": (pointer, [pointer, number]),
        "rd_kafka_mock_cluster_destroy": (None, [pointer]),
        "rd_kafka_mock_cluster_bootstraps": (text, [pointer]),
        "rd_kafka_mock_topic_create": (number, [pointer, text, number, number]),
        "rd_kafka_mock_group_initial_rebalance_delay_ms": (None, [pointer, ctypes.c_int32]),
    }
    for name, (result, arguments) in signatures.items():
        try:
            function = getattr(library, name)
        except AttributeError:
            raise BrokerError(f"this librdkafka has no mock cluster ({name})") from None
        function.restype, function.argtypes = result, arguments
    return library
