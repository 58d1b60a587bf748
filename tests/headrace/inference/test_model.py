"""A served model: many rows in one call, and rows that no graph can take."""

import msgspec
import onnx
import pytest

from headrace.errors import Reject
from headrace.inference.model import ServedModel
from headrace.inference.schema import RowSchema
from headrace.inference.spec import SERVING, ServingSpec
from headrace.runtimes.onnx import OnnxRuntime
from headrace.store.errors import VersionCorruptError
from headrace.store.manifest import Description
from headrace.store.publisher import Publisher
from tests.support.models import onnx_graphs
from tests.support.models.onnx_graphs import echo, sums


class Counting(OnnxRuntime):
    """Counts the calls of the graph."""

    calls = 0

    def run(self, inputs):
        self.calls += 1
        return super().run(inputs)


def served(content, properties=None, items=None):
    schema = {"type": "array", "items": items} if items else {
        "type": "object", "properties": properties, "required": list(properties or ())
    }  # fmt: skip
    runtime = Counting(content)
    return ServedModel(runtime, RowSchema(schema), "v"), runtime


def predict(model, *rows):
    return model.predict([model.read(row) for row in rows])


def test_a_batch_is_one_call():
    model, runtime = served(sums(), {name: {"type": "number"} for name in "abc"})

    answers = predict(model, *({"a": n, "b": 1, "c": 0.5} for n in range(100)))

    assert [answer["sum"] for answer in answers] == [n + 1.5 for n in range(100)]
    assert runtime.calls == 1


def test_rows_of_other_shapes_are_calls_of_their_own():
    item = {"type": "array", "items": {"type": "number"}}
    model, runtime = served(echo("float", [None, None]), {"x": item})

    answers = predict(model, {"x": [1]}, {"x": [1, 2]}, {"x": [3]})

    assert [answer["y"] for answer in answers] == [1.0, [1.0, 2.0], 3.0]
    assert runtime.calls == 2


def test_a_graph_of_one_row_at_a_time_is_asked_so():
    model, runtime = served(echo("float", [1, 2]), items={"type": "number"})

    assert [answer["y"] for answer in predict(model, [1, 2], [3, 4])] == [[1, 2], [3, 4]]
    assert runtime.calls == 2


@pytest.mark.parametrize(
    ("kind", "schema", "values"),
    [
        ("string", {"type": "string"}, ["Chur", "Zürich", ""]),
        ("int64", {"type": "integer"}, [0, -1, 2**62]),
        ("bool", {"type": "boolean"}, [True, False, True]),
    ],
)
def test_every_kind_of_value_goes_through(kind, schema, values):
    model, _ = served(echo(kind, [None, 1]), {"x": schema})

    assert [answer["y"] for answer in predict(model, *({"x": v} for v in values))] == values


def test_a_value_that_the_type_cannot_hold_rejects_its_row_alone():
    model, _ = served(echo("int64", [None]), {"x": {"type": "integer"}})

    good, bad, other = predict(model, {"x": 1}, {"x": 2**63}, {"x": 2})

    assert (good, other) == ({"y": 1}, {"y": 2})
    assert isinstance(bad, Reject)
    huge = predict(served(sums(1), {"X": {"type": "number"}})[0], {"X": 1e39}, {"X": 1})
    assert isinstance(huge[0], Reject)
    assert "too large" in huge[0].detail
    assert huge[1] == {"sum": 1.0}


def test_arrays_that_are_no_rectangle_reject_their_row_alone():
    item = {"type": "array", "items": {"type": "array", "items": {"type": "number"}}}
    model, _ = served(echo("float", [None, None, 2]), {"x": item})

    good, ragged, narrow = predict(model, {"x": [[1, 2]]}, {"x": [[1, 2], [3]]}, {"x": [[1], [2]]})

    assert good == {"y": [[1.0, 2.0]]}
    assert isinstance(ragged, Reject)
    assert "has the shape [2, 1], not ['any', 2]" in narrow.detail


def publish(root, content, **changes):
    spec = ServingSpec(runtime="onnxruntime", artifact="m.onnx")
    fields = {
        "model": "m",
        "input_schema": {"type": "array", "items": {"type": "number"}},
        "attributes": {SERVING: msgspec.to_builtins(spec)},
    }
    return Publisher(root).publish({"m.onnx": content}, Description(**(fields | changes)))


def test_a_version_is_served_by_what_it_says_itself(tmp_path):
    model = ServedModel.load(publish(tmp_path, sums()))

    assert predict(model, [1, 2, 3]) == [{"sum": 6.0}]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"attributes": {}}, "does not say how it is served"),
        ({"attributes": {SERVING: {"runtime": "pickle", "artifact": "m"}}}, "pickle"),
        ({"input_schema": {"type": "string"}}, "the input schema is neither"),
        ({"input_schema": {"type": "array", "items": {"type": "string"}}}, "string in the schema"),
    ],
)
def test_one_that_cannot_be_served_says_why(tmp_path, changes, told):
    with pytest.raises(VersionCorruptError, match=told):
        ServedModel.load(publish(tmp_path, sums(), **changes))


@pytest.mark.parametrize("inputs", [[4, 2], [3]], ids=["a table", "one value for each row"])
def test_a_graph_of_so_many_rows_and_no_others_is_told(tmp_path, inputs):
    items = {"type": "object", "properties": {"x": {"type": "number"}}}
    fields = {"input_schema": items} if len(inputs) == 1 else {}

    with pytest.raises(VersionCorruptError, match=f"takes {inputs[0]} rows at once, no others"):
        ServedModel.load(publish(tmp_path, echo("float", inputs), **fields))


def test_a_single_value_beside_a_table_is_each_rows_own():
    node = onnx.helper.make_node("Mul", ["x", "factor"], ["y"])
    inputs = {"x": ("float", [None, 2]), "factor": ("float", [])}
    content = onnx_graphs.model([node], inputs, {"y": ("float", [None, 2])})
    item = {"type": "array", "items": {"type": "number"}}
    model, _ = served(content, {"x": item, "factor": {"type": "number"}})

    answers = predict(model, {"x": [1, 1], "factor": 2}, {"x": [1, 1], "factor": 3})

    assert answers == [{"y": [2, 2]}, {"y": [3, 3]}]


def test_a_type_that_numpy_lacks_is_told(tmp_path):
    with pytest.raises(VersionCorruptError, match="of a type that NumPy lacks"):
        ServedModel.load(publish(tmp_path, echo("bfloat16", [None, 2])))


def test_an_input_of_unknown_rank_is_as_the_schema_says(tmp_path):
    model = ServedModel.load(publish(tmp_path, echo("float", None)))

    assert predict(model, [1, 2], [3, 4]) == [{"y": [1, 2]}, {"y": [3, 4]}]


def test_a_file_that_is_none_is_told(tmp_path):
    with pytest.raises(VersionCorruptError, match=r"m\.onnx"):
        ServedModel.load(publish(tmp_path, b"no graph"))
