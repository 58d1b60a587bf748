"""What a Kafka event source is told: the topic, the group and how to sign in."""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from headrace.errors import SettingsError
from headrace.kafka.brokers import wrong_brokers
from headrace.kafka.security import KafkaSecurity
from headrace.settings import variable

# Auto-commit and auto-store would let offsets go that nobody has processed; where a partition
# begins is decided, and what it skips is counted, by the runner.
_FIXED = {
    "enable.auto.commit": False,
    "enable.auto.offset.store": False,
    "auto.offset.reset": "error",
    "enable.partition.eof": True,
}
# By default a full queue stops the fetching for a second, in which a quick handler empties it.
_DEFAULTS = {"fetch.queue.backoff.ms": 50}
_MEGABYTE = 1024 * 1024
_MOST_FETCHED = 50 * _MEGABYTE  # of one broker at once, by the client's default
_MOST_QUEUED = 2_097_151  # kilobytes: what the client allows
_FIELDS = {
    "bootstrap.servers": "bootstrap_servers",
    "group.id": "group",
    "group.protocol": "group_protocol",
    "group.remote.assignor": "assignment_strategy",
    "partition.assignment.strategy": "assignment_strategy",
    "sasl.username": "sasl_username",
    "security.protocol": "security_protocol",
}
_SECRET = {"sasl.password", "ssl.key.password", "ssl.key.pem", "ssl.keystore.password"}
_STRATEGIES = {
    "classic": ("cooperative-sticky", "range", "roundrobin"),
    "consumer": ("uniform", "range"),
}


class KafkaSource(KafkaSecurity, frozen=True, kw_only=True):
    """Which topic to read, and how to reach it.

    Attributes:
        bootstrap_servers: The addresses of Kafka brokers, as HOST:PORT,HOST:PORT.
        topic: The name of the topic to read.
        group: The name of the consumer group. Runners of the same group share the partitions. Of a
            worker that is run by its name, the group is headrace-NAME unless it is set.
        group_protocol: Who assigns the partitions: the clients (classic), or the broker (consumer,
            since Kafka 4).
        assignment_strategy: How the partitions are shared. Classic groups know cooperative-sticky
            (their default), range and roundrobin; consumer groups know uniform (their default) and
            range.
        megabytes_ahead: How many megabytes of records may be fetched and not done: three quarters
            of them in the client's queue, a quarter in the runner. It bounds the runner's memory. A
            partition in which a record is tried again and again may hold a quarter more.
        consumer_config: A further setting of librdkafka, by its name there.
    """

    bootstrap_servers: str
    topic: str
    group: str
    group_protocol: Literal["classic", "consumer"] = "classic"
    assignment_strategy: Literal["cooperative-sticky", "range", "roundrobin", "uniform"] | None = (
        None
    )
    megabytes_ahead: Annotated[int, Meta(ge=4, le=8_192)] = 64
    consumer_config: dict[str, str] = msgspec.field(default_factory=dict)

    @property
    def mapping_name(self) -> str:
        """Return what tells its mapping from others of the function."""
        return f"{self.topic}/{self.group}"

    @property
    def sink_url(self) -> str:
        """Return the sink that writes what is read here; `connection` says the rest."""
        return f"kafka:///{self.topic}"

    @property
    def cooperative(self) -> bool:
        """Whether partitions are given and taken one by one, not all anew."""
        return self.group_protocol == "consumer" or self.assignment_strategy in {
            None,
            "cooperative-sticky",
        }

    @property
    def runner_bytes_ahead(self) -> int:
        """Return how many bytes of records the runner may hold."""
        return self.megabytes_ahead * _MEGABYTE // 4

    def connection(self) -> dict[str, str]:
        """Return how the brokers are reached, by variable: sinks of Kafka may read these."""
        names = ("bootstrap_servers", *KafkaSecurity.__struct_fields__)
        values = {name: getattr(self, name) for name in names}
        return {variable(name): str(value) for name, value in values.items() if value is not None}

    def client_config(self) -> dict[str, Any]:
        """The settings of librdkafka. Raises SettingsError where they contradict each other."""
        if wrong := wrong_brokers(self.bootstrap_servers):
            raise SettingsError(f"HEADRACE_BOOTSTRAP_SERVERS: {wrong}")
        for name in self.consumer_config:
            _check(name)
        return {
            **_DEFAULTS,
            **self._queue(),
            "bootstrap.servers": self.bootstrap_servers,
            "group.id": self.group,
            **self._group(),
            **self.security_config(self.bootstrap_servers),
            **self.consumer_config,
            **_FIXED,
        }

    def _queue(self) -> dict[str, int]:
        # A single answer of a broker may come on top of a queue that is nearly full.
        answer = min(self.megabytes_ahead * _MEGABYTE // 4, _MOST_FETCHED)
        queue = self.megabytes_ahead * _MEGABYTE * 3 // 4 - answer
        kilobytes = min(queue // 1024, _MOST_QUEUED)
        return {"queued.max.messages.kbytes": kilobytes, "fetch.max.bytes": answer}

    def _group(self) -> dict[str, str]:
        known = _STRATEGIES[self.group_protocol]
        strategy = self.assignment_strategy or known[0]
        if strategy not in known:
            raise SettingsError(
                f"HEADRACE_ASSIGNMENT_STRATEGY={strategy} does not go with"
                f" HEADRACE_GROUP_PROTOCOL={self.group_protocol} (which knows {', '.join(known)})"
            )
        if self.group_protocol == "classic":
            return {"partition.assignment.strategy": strategy}
        return {"group.protocol": "consumer", "group.remote.assignor": strategy}


def _check(name: str) -> None:
    if name in _FIXED:
        raise SettingsError(f"consumer-config {name}: the runner sees to this itself")
    if name in _SECRET:
        raise SettingsError(
            f"consumer-config {name}: a secret is read from a variable or a file"
            " (HEADRACE_SASL_PASSWORD, HEADRACE_CREDENTIALS_FILE)"
        )
    if name in _FIELDS:
        raise SettingsError(f"consumer-config {name}: set {variable(_FIELDS[name])}")
