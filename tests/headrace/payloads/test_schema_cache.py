"""Schemas are asked for once, failures remembered for a while, and both bounded."""

import contextlib
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from headrace.payloads.registry.cache import MOST, SchemaCache
from headrace.payloads.schema import RegistryAway, UnknownSchema


def test_threads_that_need_a_schema_ask_for_it_once():
    asked, go = [], threading.Event()

    def load(schema):
        asked.append(schema)
        go.wait(5)
        return f"schema {schema}"

    cache = SchemaCache(load)
    with ThreadPoolExecutor(16) as pool:
        found = [pool.submit(cache.get, schema) for schema in (1, 2) * 8]
        go.set()
        assert {one.result() for one in found} == {"schema 1", "schema 2"}
    assert sorted(asked) == [1, 2]


@pytest.mark.parametrize(("error", "seconds"), [(UnknownSchema, 30), (RegistryAway, 1)])
def test_a_failure_is_remembered_for_a_while(error, seconds):
    now, asked = [0.0], []

    def load(schema):
        asked.append(schema)
        raise error("no")

    cache = SchemaCache(load, clock=lambda: now[0])
    for time, times in ((0, 1), (seconds - 0.1, 1), (seconds + 0.1, 2)):
        now[0] = time
        with pytest.raises(error, match="no"):
            cache.get(1)
        assert len(asked) == times


def test_what_is_kept_is_bounded():
    def load(schema):
        if schema % 2:
            raise UnknownSchema("no")
        return schema

    cache = SchemaCache(load)
    for schema in range(3 * MOST):
        with contextlib.suppress(UnknownSchema):
            cache.get(schema)
    assert len(cache.ready) == len(cache._failures) == MOST
    assert not cache._flights
