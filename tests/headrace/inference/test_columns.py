"""Which values of a row become which input of a graph, and the schema that a graph implies."""

import pytest

from headrace.inference.columns import implied_schema, places_of
from headrace.inference.schema import RowSchema
from headrace.inference.schema_types import SchemaError
from headrace.runtimes.base import Tensor

TABLE = {"X": Tensor("float32", (None, 3))}
NAMED = {"features": Tensor("float32", (None, 2), ("b", "a"))}
SEPARATE = {"age": Tensor("float32", (None, 1)), "city": Tensor("str", (None, 1))}


def schema(**kinds):
    properties = {name: {"type": kind} for name, kind in kinds.items()}
    return RowSchema({"type": "object", "properties": properties, "required": list(kinds)})


def test_properties_become_the_columns_of_a_table_in_their_order():
    assert places_of(schema(c="number", a="integer", b="boolean"), TABLE) == {"X": (0, 1, 2)}


def test_a_table_with_names_decides_the_order():
    assert places_of(schema(a="number", b="number"), NAMED) == {"features": (1, 0)}


def test_inputs_are_found_by_their_names():
    assert places_of(schema(city="string", age="number"), SEPARATE) == {"age": (1,), "city": (0,)}


@pytest.mark.parametrize(
    ("row", "inputs", "told"),
    [
        (schema(a="number"), TABLE, "has 1 values, the graph takes 3"),
        (schema(a="number", c="number"), NAMED, "name other columns: b, c"),
        (schema(age="number"), SEPARATE, "lacks inputs of the graph: city"),
        (schema(age="number", city="string", x="number"), SEPARATE, "no inputs called x"),
        (schema(age="string", city="string"), SEPARATE, "'age' is string in the schema"),
        (schema(x="number"), {"x": Tensor("int64", (None,))}, "'x' is number in the schema"),
        (schema(x="number"), {"x": Tensor("", None)}, "'x' is no tensor"),
        (schema(a="number"), {"i": Tensor("float32", (None, 8, 8))}, "'i' is no table"),
    ],
)
def test_what_does_not_fit_is_told(row, inputs, told):
    with pytest.raises(SchemaError, match=told):
        places_of(row, inputs)


def test_only_a_number_may_be_missing():
    row = RowSchema({"type": "object", "properties": {"x": {"type": ["integer", "null"]}}})

    places_of(row, {"x": Tensor("float32", (None,))})
    with pytest.raises(SchemaError, match="only a number can be"):
        places_of(row, {"x": Tensor("int64", (None,))})


def test_a_table_with_names_implies_an_object_of_numbers():
    implied = implied_schema(NAMED)

    assert list(implied["properties"]) == implied["required"] == ["b", "a"]
    assert places_of(RowSchema(implied), NAMED) == {"features": (0, 1)}


def test_a_table_of_one_column_takes_an_object_that_names_it():
    one = {"X": Tensor("float32", (None, 1))}
    implied = implied_schema(one)

    assert implied["properties"] == {"X": {"type": "number"}}
    assert places_of(RowSchema(implied), one) == {"X": (0,)}


def test_a_table_without_names_implies_a_list():
    implied = implied_schema(TABLE)

    assert implied == {"type": "array", "items": {"type": "number"}, "minItems": 3, "maxItems": 3}
    assert places_of(RowSchema(implied), TABLE) == {"X": (0,)}


def test_several_inputs_imply_an_object_of_them():
    inputs = SEPARATE | {
        "signal": Tensor("float32", (None, None, 2)),
        "n": Tensor("int32", (None,)),
    }

    implied = implied_schema(inputs)["properties"]

    assert implied["age"] == {"type": "number"}
    assert implied["city"] == {"type": "string"}
    assert implied["n"] == {"type": "integer"}
    pair = {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2}
    assert implied["signal"] == {"type": "array", "items": pair}


def test_a_graph_that_says_nothing_needs_a_schema():
    with pytest.raises(SchemaError, match="give an input schema"):
        implied_schema({"x": Tensor("float32", None)})


def test_a_graph_without_inputs_is_told():
    with pytest.raises(SchemaError, match="the graph takes no input"):
        implied_schema({})
    with pytest.raises(SchemaError, match="the graph takes no input"):
        places_of(schema(a="number"), {})
