"""Addresses of brokers: what the client would read as something else is refused."""

import pytest

from headrace.kafka.brokers import wrong_brokers


@pytest.mark.parametrize(
    "addresses",
    [
        "localhost",
        "broker:9092",
        "b-1.orders.abc.kafka.eu-west-1.amazonaws.com:9098,b-2.orders.abc.kafka:9098",
        "127.0.0.1:65535, 127.0.0.2:1",
        "[::1]:9092",
        "SASL_SSL://broker:9093",
        "broker:9092,",
    ],
)
def test_addresses_are_taken(addresses):
    assert wrong_brokers(addresses) is None


@pytest.mark.parametrize(
    "addresses",
    [
        "broker:99999",
        "broker:0",
        "broker:x",
        "broker:",
        "broker:9092/orders",
        "http://broker:9092",
        "kafka://broker:9092",
        "good:9092,broker:65536",
        "a b:9092",
        "broker:\u0669",
        "broker\udcff:9092",
        "broker\0:9092",
        ",",
        " ",
    ],
)
def test_what_the_client_would_read_as_another_address_is_refused(addresses):
    assert "write HOST:PORT" in wrong_brokers(addresses)
