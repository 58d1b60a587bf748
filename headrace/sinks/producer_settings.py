"""From the URL of a Kafka sink to the settings of its producer."""

import re
from typing import Any, Final

from headrace.errors import SettingsError
from headrace.kafka.brokers import wrong_brokers
from headrace.kafka.client_settings import unsafe
from headrace.kafka.security import SECRETS, KafkaSecurity
from headrace.names import is_topic
from headrace.settings import read, secret, variable
from headrace.sinks.base import TIMEOUT_SECONDS
from headrace.sinks.url import SinkUrl

Settings = dict[str, Any]

_DEFAULTS: Settings = {
    "enable.idempotence": "true",
    "acks": "all",
    "linger.ms": 5,
    "partitioner": "murmur2_random",
}
_REFUSED = {
    "enable.idempotence": "it is always on",
    "logger": "logs go to Python's logging",
    "message.timeout.ms": "write delivery.timeout.ms",
    "transactional.id": "write transactional=1",
}
_TRANSACTION = {"transaction.timeout.ms": 10_000}
"""How long what a killed process leaves open holds back readers; all else takes no longer, too."""

_IAM: Final = "AWS_MSK_IAM"


def is_transactional(url: SinkUrl) -> bool:
    """Return whether a URL asks for transactions. Raises SettingsError if it says neither."""
    return url.flag("transactional", default=False)


def producer_settings(url: SinkUrl, transactional_id: str | None = None) -> tuple[Settings, str]:
    """Return the settings of a producer and the topic.

    Args:
        url: of the sink.
        transactional_id: names the producer if it writes in transactions.

    Raises:
        SettingsError: The URL is wrong.
    """
    hosts = url.host or url.variables.get(variable("bootstrap_servers"), "")
    topic = url.path[1:]
    if not hosts:
        raise url.wrong("there are neither hosts nor HEADRACE_BOOTSTRAP_SERVERS")
    if wrong := wrong_brokers(hosts):
        raise url.wrong(wrong)
    if not is_topic(topic):
        raise url.wrong("the topic is missing" if not topic else f"{topic!r} is no topic name")
    if wrong := unsafe(url.params):
        raise url.wrong(wrong)
    for name in _REFUSED.keys() & url.params.keys():
        raise url.wrong(f"{name} cannot be set: {_REFUSED[name]}")
    security, params = _security(url, hosts)
    own: Settings = {"delivery.timeout.ms": round(TIMEOUT_SECONDS * 1000)}
    if transactional_id is not None:
        own = {"transactional.id": transactional_id, **_TRANSACTION}
    settings: Settings = {"bootstrap.servers": hosts, **_DEFAULTS, **own, **security, **params}
    settings.pop("transactional", None)
    for name in ("delivery.timeout.ms", "transaction.timeout.ms"):
        if not re.fullmatch("[1-9][0-9]*", str(settings.get(name, 1))):
            raise url.wrong(f"{name} must be a positive number: no wait is without end")
    return settings, topic


def _security(url: SinkUrl, hosts: str) -> tuple[Settings, Settings]:
    """Return the settings for a secure connection, and those of the URL that are left."""
    params: Settings = dict(url.params)
    if not any(name.startswith(("security.", "sasl.", "ssl.")) for name in params):
        secrets = {name: secret(variable(name), url.variables) for name in SECRETS}
        return read(KafkaSecurity, url.variables).security_config(hosts, secrets), params
    mechanism = params.get("sasl.mechanism", params.get("sasl.mechanisms"))
    if mechanism != _IAM:
        return {}, params
    given = {name: params.pop(name, None) for name in ("security.protocol", "region")}
    params = {n: value for n, value in params.items() if value != _IAM}
    security = KafkaSecurity(
        security_protocol=given["security.protocol"], sasl_mechanism=_IAM, region=given["region"]
    )
    try:
        return security.security_config(hosts), params
    except SettingsError as error:
        raise url.wrong(str(error)) from None
