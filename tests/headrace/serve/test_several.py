"""Several workers in one process, each at its path."""

import json

import pytest

from headrace import Worker, lambda_handler
from headrace.endpoint import Endpoint
from headrace.errors import SettingsError
from headrace.serve.names import named
from tests.support.serving import RunningServer


class Orders(Worker):
    endpoint = Endpoint(path="/orders")

    def process(self, record):
        return {"order": record.json(), "query": record.request.query}


class Refunds(Worker):
    def process(self, record):
        return {"refund": record.json()}


@pytest.fixture(scope="module")
def server():
    names = named(["app.orders:handler", "app.refunds"], [Orders, Refunds])
    server = RunningServer(names)
    server.open(lambda_handler(Orders), lambda_handler(Refunds))
    yield server
    server.drain(5)


def test_each_is_at_its_path(server):
    orders = server.ask(path="/orders?a=1&a=2", body=b"7")
    refunds = server.ask(path="/refunds", body=b"8")
    assert json.loads(orders[2]) == {"order": 7, "query": [["a", "1"], ["a", "2"]]}
    assert json.loads(refunds[2]) == {"refund": 8}


def test_elsewhere_is_none_of_them(server):
    status, _, body = server.ask(path="/order", body=b"7")
    assert status == 404
    assert json.loads(body)["detail"] == "nothing is at /order; workers are at /orders, /refunds"


def test_one_alone_has_every_path():
    assert named(["refunds"], [Refunds])[0].endpoint is None
    server = RunningServer(named(["orders"], [Orders]))
    server.open(lambda_handler(Orders))
    assert [server.ask(path=path, body=b"7")[0] for path in ("/orders", "/else", "/")] == [200] * 3
    assert "<title>Headrace</title>" in server.ask("GET", "/")[2].decode()
    server.drain(5)


def test_two_at_one_path_are_refused():
    with pytest.raises(SettingsError, match="two workers are at the path /orders"):
        named(["a.orders", "b.orders"], [Refunds, Orders])


class Returns(Orders):
    endpoint = Endpoint(path="/returns")


@pytest.mark.parametrize(
    ("workers", "names"),
    [
        (["app:Orders", "app:Returns"], ["app.Orders", "app.Returns"]),
        (["a.orders", "b.orders"], ["a.orders", "b.orders"]),
        (["a.orders", "a.returns:handler"], ["orders", "returns"]),
    ],
)
def test_each_has_a_name_of_its_own(workers, names):
    assert [one.name for one in named(workers, [Orders, Returns])] == names


@pytest.mark.parametrize("path", ["orders", "/", "/a b", "/healthz", "/v2/models", "/metrics"])
def test_a_path_that_cannot_be_an_endpoint_s_is_refused(path):
    with pytest.raises(ValueError, match="path"):
        Endpoint(path=path)
