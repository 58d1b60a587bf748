"""Workers on framed records: tombstones, @once, a registry that is away or slow."""

import asyncio
import json
import sys
import time

from headrace import Worker, once
from headrace.errors import WorkerError
from headrace.payloads.registry import cache
from headrace.payloads.registry.http import HttpRegistry
from headrace.payloads.schema import CannotRead, RegistryAway, Schema
from headrace.testing import StreamRun, http_record, kafka_record, run
from tests.support.payloads.messages import ORDER, SCHEMAS
from tests.support.payloads.stand import Stand


class Plain(Worker):
    def process(self, record):
        return {"data": record.data}


def test_a_tombstone_is_none_and_what_is_not_kafkas_has_no_frame(told, order):
    result = run(Plain, [kafka_record(None), order], **told)
    assert result.results == [{"data": None}, {"data": ORDER}]
    assert run(Plain, [http_record(ORDER)], **told).results == [{"data": ORDER}]


def test_without_a_frame_the_data_of_a_record_are_an_error_that_says_what_to_do():
    (failure,) = run(Plain, [ORDER]).failures.values()
    assert isinstance(failure, WorkerError)
    assert "HEADRACE_VALUE_FRAME" in str(failure)


def test_a_field_of_a_framed_value_may_be_the_key_of_once(told, order, tmp_path):
    calls = []

    class Payments(Worker):
        @once(key="id")
        def process(self, record):
            calls.append(record.data["id"])
            return len(calls)

    settings = {**told, "once_store": f"sqlite:{tmp_path}/once.db"}
    assert run(Payments, [order, order], **settings).results == [1, 1]
    assert calls == [7]


def test_a_registry_that_is_away_for_long_loses_nothing_and_uses_up_no_retry(
    monkeypatch, registry, order, capsys
):
    """Far more attempts than a record has, and then the registry is there."""
    monkeypatch.setattr(cache, "_SECONDS", dict.fromkeys(cache._SECONDS, 0.0))
    asked, ask = [], HttpRegistry.schema

    def seldom(self, schema):
        asked.append(schema)
        if len(asked) < 30:
            raise RegistryAway("away")
        return ask(self, schema)

    monkeypatch.setattr(HttpRegistry, "schema", seldom)
    told = {"value_frame": "confluent", "schema_registry_url": registry.url}
    stream = StreamRun(Plain, maximum_retry_attempts=2, log_level="WARNING", **told)
    stream.produce([order, kafka_record(b"no frame", offset=1), order])
    assert stream.run()
    assert stream.results == [{"data": ORDER}, {"data": ORDER}]
    assert [letter.error_type for letter in stream.dead_letters] == ["Reject"]
    assert "records wait for their schema" in capsys.readouterr().out
    assert stream.committed == {0: 3}


def test_text_that_nothing_here_compiles_waits_for_the_package(monkeypatch, registry):
    """As of Glue, which has .proto files alone: the sender is not to blame."""
    monkeypatch.setitem(sys.modules, "grpc_tools", None)
    schema = Schema("PROTOBUF", SCHEMAS["PROTOBUF"][0])
    monkeypatch.setattr(HttpRegistry, "schema", lambda *_: schema)
    told = {"value_frame": "confluent", "schema_registry_url": registry.url}
    result = run(Plain, [b"\0\0\0\0\1\0"], **told)
    assert not result.rejects
    assert type(result.failures[0]) is CannotRead
    assert str(result.failures[0]).endswith("pip install 'headrace[protoc]'")


def test_an_async_worker_is_not_held_up_by_a_registry_that_is_slow():
    class Slow(Stand):
        pass

    def slow(handler):
        time.sleep(0.3)
        handler.reply(200, json.dumps({"schema": SCHEMAS["AVRO"][0]}).encode())

    ticks = []

    class Ticking(Worker):
        async def process(self, record):
            if record.key == b"tick":
                for _ in range(5):
                    ticks.append(time.monotonic())
                    await asyncio.sleep(0.02)
            return record.data and record.data["name"]

    with Slow() as stand:
        stand._server.RequestHandlerClass = type(
            "Handler", (stand._server.RequestHandlerClass,), {"do_GET": slow}
        )
        told = {"value_frame": "confluent", "schema_registry_url": stand.url}
        framed = b"\0\0\0\0\1\x0e\6Ada" + bytes(8)
        records = [kafka_record(framed, "a"), kafka_record(None, "tick", offset=1)]
        begun = time.monotonic()
        result = run(Ticking, records, worker_concurrency=2, **told)
    assert result.results == ["Ada", None]
    assert max(ticks) - begun < 0.3  # they were done before the registry answered
