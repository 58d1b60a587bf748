"""Training scripts of a user: each writes a model, and golden samples of its answers."""

# A pipeline of scikit-learn over a table; its columns get their names from a schema. What it must
# answer is written by scikit-learn itself, so that publishing proves the conversion.
SCIKIT_LEARN = """\
import json

import numpy as np
from skl2onnx import to_onnx
from sklearn.ensemble import RandomForestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

names = ["age", "income", "children"]
rng = np.random.default_rng(1)
rows = np.stack([rng.uniform(18, 80, 400), rng.normal(50, 15, 400), rng.integers(0, 5, 400)], 1)
rows = rows.astype(np.float32)
late = (rows[:, 0] < 30) | ((rows[:, 2] > 2) & (rows[:, 1] < 45))
model = make_pipeline(StandardScaler(), RandomForestClassifier(20, random_state=0)).fit(rows, late)
onnx = to_onnx(model, rows[:1], options={"zipmap": False})
open("model.onnx", "wb").write(onnx.SerializeToString())
kinds = {"age": {"type": "number", "minimum": 0}, "income": {"type": "number"}}
properties = kinds | {"children": {"type": "integer", "minimum": 0}}
schema = {"type": "object", "properties": properties, "required": names}
json.dump(schema, open("schema.json", "w"))
with open("golden.jsonl", "w") as file:
    for row, chances in zip(rows[::40].tolist(), model.predict_proba(rows[::40]).tolist()):
        values = dict(zip(names, [row[0], row[1], int(row[2])]))
        file.write(json.dumps({"input": values, "output": {"probabilities": chances}}) + "\\n")
"""

XGBOOST = """\
import json

import numpy as np
import xgboost

names = ["rooms", "metres", "age"]
rows = np.random.default_rng(2).uniform(1, 100, (500, 3)).astype(np.float32)
price = 30 * rows[:, 0] + 4 * rows[:, 1] - rows[:, 2]
data = xgboost.DMatrix(rows, price, feature_names=names)
booster = xgboost.train({"max_depth": 5, "eta": 0.3}, data, 60)
booster.save_model("model.ubj")
with open("golden.jsonl", "w") as file:
    for row, value in zip(rows[:8].tolist(), booster.predict(data)[:8].tolist()):
        sample = {"input": dict(zip(names, row)), "output": {"prediction": value}}
        file.write(json.dumps(sample) + "\\n")
"""

# Two tensors with names, one of them of any length.
ONNX = """\
import json

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

weights = np.random.default_rng(3).normal(size=(4, 3)).astype(np.float32)
nodes = [
    helper.make_node("ReduceMean", ["signal"], ["mean"], axes=[1], keepdims=0),
    helper.make_node("Concat", ["mean", "weight"], ["joined"], axis=1),
    helper.make_node("MatMul", ["joined", "W"], ["logits"]),
    helper.make_node("Softmax", ["logits"], ["probabilities"], axis=1),
    helper.make_node("ArgMax", ["logits"], ["label"], axis=1, keepdims=0),
]
graph = helper.make_graph(
    nodes,
    "classifier",
    [
        helper.make_tensor_value_info("signal", TensorProto.FLOAT, ["n", "time", 3]),
        helper.make_tensor_value_info("weight", TensorProto.FLOAT, ["n", 1]),
    ],
    [
        helper.make_tensor_value_info("label", TensorProto.INT64, ["n"]),
        helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["n", 3]),
    ],
    [numpy_helper.from_array(weights, "W")],
)
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
open("model.onnx", "wb").write(model.SerializeToString())
signal = [[1.0, 2.0, 3.0], [3.0, 2.0, 1.0]]
joined = np.array([*np.mean(signal, axis=0), 0.5], np.float32)
label = int(np.argmax(joined @ weights))
sample = {"input": {"signal": signal, "weight": 0.5}, "output": {"label": label}}
open("golden.jsonl", "w").write(json.dumps(sample) + "\\n")
"""
