"""Signing in to a real Kafka over TLS: the runner and the sink, with secrets that stay secret."""

import time
import uuid
from unittest import mock

import orjson
import pytest
from confluent_kafka import Consumer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from headrace.errors import SettingsError
from headrace.kafka.msk_iam import client_settings
from headrace.log import logger
from headrace.runner.kafka.confluent import open_consumer
from headrace.runner.kafka.settings import KafkaSource
from headrace.sinks import Message, open_sink
from tests.support.kafka.runs import Run, fill
from tests.support.kafka.secure import PASSWORD, USER
from tests.support.waiting import wait_until

pytestmark = pytest.mark.kafka


@pytest.fixture
def topic(secure_kafka) -> str:
    name = f"secure-{uuid.uuid4().hex[:8]}"
    admin = AdminClient({"bootstrap.servers": secure_kafka.bootstrap})
    admin.create_topics([NewTopic(name, 1, 1)])[name].result(30)
    return name


def taken(bootstrap: str, topic: str, count: int, **source) -> list[int]:
    """What a run reads of the records that the topic has."""
    return Run(bootstrap, topic, until=count, source=source).end().offsets[0]


@pytest.mark.parametrize("mechanism", ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"])
def test_a_password_from_the_environment_or_from_a_secret_s_file(
    secure_kafka, topic, monkeypatch, tmp_path, mechanism, capfd
):
    fill(secure_kafka.bootstrap, topic, {0: 20})
    trust = {"ssl_ca_location": str(secure_kafka.authority.file), "sasl_mechanism": mechanism}
    monkeypatch.setenv("HEADRACE_SASL_PASSWORD", PASSWORD)
    assert taken(secure_kafka.sasl, topic, 20, **trust, sasl_username=USER) == list(range(20))
    monkeypatch.delenv("HEADRACE_SASL_PASSWORD")
    fill(secure_kafka.bootstrap, topic, {0: 5})
    secret = tmp_path / "secret.json"
    secret.write_bytes(orjson.dumps({"username": USER, "password": PASSWORD}))
    assert taken(secure_kafka.sasl, topic, 5, **trust, credentials_file=str(secret)) == [
        *range(20, 25)
    ]
    assert PASSWORD not in "".join(capfd.readouterr())


@pytest.mark.parametrize("encrypted", [False, True])
def test_a_client_certificate(secure_kafka, topic, tmp_path, monkeypatch, encrypted):
    fill(secure_kafka.bootstrap, topic, {0: 20})
    password = b"of the key" if encrypted else None
    certificate, key = secure_kafka.authority.issue(f"client-{encrypted}", password)
    trust = {"ssl_ca_location": str(secure_kafka.authority.file)}
    if encrypted:
        monkeypatch.setenv("HEADRACE_SSL_KEY_PASSWORD", password.decode())
    files = {"ssl_certificate_location": str(certificate), "ssl_key_location": str(key)}
    assert taken(secure_kafka.tls, topic, 20, **trust, **files) == list(range(20))
    monkeypatch.delenv("HEADRACE_SSL_KEY_PASSWORD", raising=False)
    fill(secure_kafka.bootstrap, topic, {0: 5})
    secret = {"certificate": certificate.read_text(), "privateKey": key.read_text()}
    if encrypted:
        secret["privateKeyPassword"] = password.decode()
    file = tmp_path / "secret.json"
    file.write_bytes(orjson.dumps(secret))
    assert taken(secure_kafka.tls, topic, 5, **trust, credentials_file=str(file)) == [
        *range(20, 25)
    ]


def test_a_wrong_password_ends_the_start_with_an_error_that_does_not_show_it(
    secure_kafka, topic, monkeypatch, capfd
):
    monkeypatch.setenv("HEADRACE_SASL_PASSWORD", "a wrong one")
    source = {
        "ssl_ca_location": str(secure_kafka.authority.file),
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_username": USER,
    }
    with pytest.raises(SettingsError, match="the sign-in failed") as refused:
        Run(secure_kafka.sasl, topic, source=source).end()
    assert "a wrong one" not in "".join([str(refused.value), *capfd.readouterr()])


def test_the_sink_signs_in_by_the_same_variables_and_its_url_comes_first(
    secure_kafka, topic, monkeypatch
):
    monkeypatch.setenv("HEADRACE_SASL_MECHANISM", "SCRAM-SHA-256")
    monkeypatch.setenv("HEADRACE_SASL_USERNAME", USER)
    monkeypatch.setenv("HEADRACE_SASL_PASSWORD", PASSWORD)
    monkeypatch.setenv("HEADRACE_SSL_CA_LOCATION", str(secure_kafka.authority.file))
    urls = [
        f"kafka://{secure_kafka.sasl}/{topic}",
        f"kafka://{secure_kafka.bootstrap}/{topic}?security.protocol=PLAINTEXT",
    ]
    for url in urls:
        sink = open_sink(url)
        assert sink.send([Message(None, b"1")]) == [None]
        sink.close()
    reader = Consumer({"bootstrap.servers": secure_kafka.bootstrap, "group.id": "none"})
    reader.assign([TopicPartition(topic, 0, 0)])
    assert len(reader.consume(2, timeout=30)) == 2
    reader.close()


def test_a_token_of_iam_is_made_and_sent_where_the_broker_asks_for_it(
    secure_kafka, topic, monkeypatch, capfd
):
    """The broker here is not Amazon's: that it refuses the token shows that it came."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    made = []

    def noting(region):
        settings = client_settings(region)
        fresh = settings["oauth_cb"]
        settings["oauth_cb"] = lambda config: made.append(fresh(config)) or made[-1]
        return settings

    monkeypatch.setattr("headrace.kafka.msk_iam.client_settings", noting)
    consumer = open_consumer(
        KafkaSource(
            bootstrap_servers=secure_kafka.sasl,
            topic=topic,
            group=topic,
            sasl_mechanism="AWS_MSK_IAM",
            region="eu-west-1",
            ssl_ca_location=str(secure_kafka.authority.file),
        ),
        logger("kafka", "WARNING"),
    )
    consumer.join(mock.Mock())
    said = []

    def is_refused() -> bool:
        consumer.fetch(1, 0.2)
        said.append(capfd.readouterr().out)
        return "SASL authentication error" in "".join(said)

    wait_until(is_refused, 20)
    consumer.close()
    token, expires = made[0]
    assert 0 < expires - time.time() <= 900
    assert token not in "".join(said)
