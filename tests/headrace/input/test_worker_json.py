"""What is read as JSON for a declared input, whoever reads it."""

from collections.abc import Callable
from typing import Any

import pydantic
import pytest

from headrace import Worker
from headrace.input.types import input_type
from headrace.testing import kafka_record, run
from tests.support.declared import KINDS, worker


def test_json_that_only_the_standard_library_reads_is_read():
    class Texts(Worker[dict[str, str]]):
        def process(self, record):
            return sorted(record.data)

    assert run(Texts, [b'{"a": "half \\ud83d"}', b'\xef\xbb\xbf{"b": "c"}']).results == [
        ["a"],
        ["b"],
    ]


def test_a_part_without_a_json_schema_may_be_anything():
    """One such worker took the OpenAPI document from all that `headrace serve` had."""

    class Own:
        pass

    class Model(pydantic.BaseModel, arbitrary_types_allowed=True):
        id: int
        own: Own = pydantic.Field(default_factory=Own)
        call: Callable[[], int] = print

    properties = input_type(Model).schema()["properties"]

    assert properties["id"]["type"] == "integer"
    assert [set(properties[name]) <= {"title"} for name in ("own", "call")] == [True, True]
    assert run(worker(Model), [b'{"id":7}']).results == [[7, "Model"]]


def test_json_that_pydantic_does_not_read_is_read_for_it():
    class Extra(pydantic.BaseModel):
        id: int
        note: Any = None

    deep = b'{"id":1,"note":' + b"[" * 300 + b"]" * 300 + b"}"
    values = [b'{"id":1,"other":"\\ud83d"}', deep, b'{"id":"x","other":"\\ud83d"}']
    result = run(worker(Extra), values)

    assert result.results[:2] == [[1, "Extra"]] * 2
    assert [one["field"] for one in result.rejects[2].errors] == ["id"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_byte_order_mark_is_read_away_whoever_reads(kind):
    value = b'\xef\xbb\xbf{"id": 7}'
    assert run(worker(kind), [kafka_record(value)]).results[0][0] == 7
