"""Requests of the Open Inference Protocol: what is one, and what is refused in one sentence."""

import json

import numpy as np
import pytest

from headrace.errors import Reject
from headrace.serve.v2.read import Output, read_request


def request(behind=b"", **fields):
    one = {"name": "x", "shape": [1], "datatype": "FP32"} | fields
    text = json.dumps({"inputs": [one]}).encode()
    return read_request(text + behind, str(len(text)))[1]["x"]


def test_what_may_be_left_out_may_be_null():
    nothing = {"id": None, "parameters": None, "outputs": None}
    one = {"name": "x", "shape": [1], "datatype": "FP32", "data": [2.0], "parameters": None}
    asked = {"outputs": [{"name": "y", "parameters": None}]}

    for more in ({}, asked):
        found, arrays = read_request(
            json.dumps({"inputs": [one], **nothing, **more}).encode(), None
        )
        assert arrays["x"].tolist() == [2.0]
        assert found.id is None
        assert (found.outputs or []) == [Output("y")] * len(more)


def test_an_output_is_asked_for_once():
    """Each would be written as often, so a small request would have an answer without end."""
    one = {"name": "x", "shape": [1], "datatype": "FP32", "data": [2.0]}
    text = json.dumps({"inputs": [one], "outputs": [{"name": "y"}, *[{"name": "z"}] * 100_000]})
    with pytest.raises(Reject, match="the output 'z' is asked for twice"):
        read_request(text.encode(), None)


@pytest.mark.parametrize(
    ("datatype", "number"),
    [("FP16", 65520), ("FP32", 1e39), ("FP64", 10**400), ("UINT8", 256), ("UINT64", 2**64)],
)
def test_a_number_that_its_datatype_cannot_hold_is_refused(datatype, number):
    with pytest.raises(Reject, match=f"the data of 'x' are not {datatype} of its shape"):
        request(datatype=datatype, data=[number])


@pytest.mark.parametrize(
    ("datatype", "number"), [("FP16", 65504), ("FP32", 3.4e38), ("UINT64", 2**64 - 1)]
)
def test_the_largest_number_of_a_datatype_is_taken(datatype, number):
    assert request(datatype=datatype, data=[number]).tolist() == [pytest.approx(number)]


def test_an_infinity_can_be_sent_in_binary():
    found = request(np.array([np.inf], "<f4").tobytes(), parameters={"binary_data_size": 4})
    assert found.tolist() == [np.inf]


@pytest.mark.parametrize(
    ("behind", "fields", "told"),
    [
        (b"\2", {"datatype": "BOOL"}, "the data of 'x' are not BOOL of its shape"),
        (b"\1\0\0\0", {"data": [1.0]}, "'x' has its data twice"),
        (b"\xff\xff\xff\xff", {"datatype": "BYTES"}, "a text of a BYTES input is cut off"),
    ],
)
def test_binary_data_that_cannot_be_meant_are_refused(behind, fields, told):
    with pytest.raises(Reject, match=told):
        request(behind, parameters={"binary_data_size": len(behind)}, **fields)


@pytest.mark.parametrize("behind", [b"", None])
def test_a_shape_that_is_too_large_for_arrays_is_refused_though_it_is_empty(behind):
    sent = {"data": []} if behind is None else {"parameters": {"binary_data_size": 0}}
    with pytest.raises(Reject, match="the data of 'x' are not FP32 of its shape"):
        request(shape=[2**31, 2**31, 2**31, 0], **sent)
