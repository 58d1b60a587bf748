"""What a SavedModel may be made of: whatever reaches outside is refused before anything runs."""

import pytest

from headrace.runtimes.tensorflow_allowed import ALLOWED
from headrace.runtimes.tensorflow_operations import refused_operations
from tests.support.lazily import Lazily

tf = Lazily("tensorflow")
loader_impl = Lazily("tensorflow.python.saved_model.loader_impl")
tensorflow = Lazily("headrace.runtimes.tensorflow")
small_saved_model = Lazily("tests.support.models.small_saved_model")

pytestmark = pytest.mark.slow


def refused(folder):
    return refused_operations(loader_impl.parse_saved_model(str(folder)))


def save_function(folder, function, *, initialize=None):
    """Save a function of one tensor as the signature; `initialize` runs while it is loaded."""
    module = tf.Module()
    module.weight = tf.Variable(1.0)
    signature = tf.TensorSpec([1], tf.float32, "x")
    module.f = tf.function(function, input_signature=[signature])
    if initialize is not None:
        module.resource = _resource(initialize)
    tf.saved_model.save(module, str(folder), signatures=module.f)
    return folder


def _resource(initialize):
    """A resource whose making runs a function, as the tables of a SavedModel do."""

    class Resource(tf.saved_model.experimental.TrackableResource):
        def __init__(self):
            super().__init__()
            self._resource_handle = self._create_resource()

        def _create_resource(self):
            return tf.raw_ops.VarHandleOp(dtype=tf.float32, shape=[], shared_name="r")

        def _initialize(self):
            initialize()

    return Resource()


def printing(path):
    def act(x):
        tf.print("stolen", output_stream=f"file://{path}")
        return {"y": x}

    return act


OUTSIDE = {
    "PrintV2": lambda path: printing(path),
    "ReadFile": lambda path: lambda x: {"y": x, "z": tf.io.read_file(str(path))},
    "WriteFile": lambda path: lambda x: {"y": x, "z": _writing(path)},
    "MatchingFiles": lambda path: lambda x: {"y": x, "z": tf.io.matching_files(f"{path}*")},
    "RestoreV2": lambda path: (
        lambda x: {
            "y": tf.raw_ops.RestoreV2(
                prefix=str(path), tensor_names=["v"], shape_and_slices=[""], dtypes=[tf.float32]
            )[0]
        }
    ),
    "SaveV2": lambda path: lambda x: {"y": _saving(path, x)},
    "ImmutableConst": lambda path: (
        lambda x: {
            "y": tf.raw_ops.ImmutableConst(dtype=tf.uint8, shape=[4], memory_region_name=str(path))
        }
    ),
}


def _writing(path):
    tf.io.write_file(str(path), "stolen")
    return tf.constant(0)


def _saving(path, x):
    tf.raw_ops.SaveV2(prefix=str(path), tensor_names=["v"], shape_and_slices=[""], tensors=[x])
    return x


@pytest.mark.parametrize("operation", OUTSIDE)
def test_a_signature_that_reaches_outside_is_refused(tmp_path, operation):
    target = tmp_path / "target"
    folder = save_function(tmp_path / "model", OUTSIDE[operation](target))

    assert refused(folder) == [operation]
    with pytest.raises(ValueError, match=f"operations that are not allowed: {operation}"):
        tensorflow.TensorFlow(folder)
    assert not target.exists()


def test_what_runs_while_it_loads_is_refused(tmp_path):
    target = tmp_path / "target"

    def initialize():
        tf.print("stolen", output_stream=f"file://{target}")

    folder = save_function(tmp_path / "model", lambda x: {"y": x}, initialize=initialize)
    target.unlink(missing_ok=True)  # making it here ran it, too

    with pytest.raises(ValueError, match="operations that are not allowed: PrintV2"):
        tensorflow.TensorFlow(folder)
    assert not target.exists()


def test_a_branch_that_is_seldom_taken_is_looked_at_too(tmp_path):
    def seldom(x):
        return {"y": tf.cond(x[0] > 1e9, lambda: _saving(tmp_path / "target", x), lambda: x)}

    assert refused(save_function(tmp_path / "model", seldom)) == ["SaveV2"]


def test_a_saver_whose_restoring_writes_is_refused(tmp_path):
    """A graph of the first format: whoever loads it runs its `restore_op`."""
    folder = small_saved_model.save_hub_module(tmp_path / "module")
    assert refused(folder) == []
    path = folder / "saved_model.pb"
    changed = loader_impl.parse_saved_model(str(folder))
    for graph in changed.meta_graphs:
        saving = graph.saver_def.save_tensor_name.partition(":")[0]
        for node in graph.graph_def.node:
            if node.name == graph.saver_def.restore_op_name:
                node.input.append(f"^{saving}")
    path.write_bytes(changed.SerializeToString())

    assert {"SaveV2"} <= set(refused(folder))


def test_a_signature_that_answers_with_what_a_saver_saves_is_refused(tmp_path):
    folder = small_saved_model.save_hub_module(tmp_path / "module")
    changed = loader_impl.parse_saved_model(str(folder))
    for graph in changed.meta_graphs:
        outputs = graph.signature_def["default"].outputs
        outputs["stolen"].name = graph.saver_def.save_tensor_name
    (folder / "saved_model.pb").write_bytes(changed.SerializeToString())

    assert {"SaveV2"} <= set(refused(folder))


@pytest.mark.parametrize("make", ["save", "save_hub_module"])
def test_detectors_of_both_formats_are_taken(tmp_path, make):
    folder = getattr(small_saved_model, make)(tmp_path / "model")

    assert refused(folder) == []
    assert tensorflow.TensorFlow(folder, "default").inputs


def test_an_ordinary_network_of_keras_is_taken(tmp_path):
    """One block of each kind that MobileNetV2 has: the operations are those of all its 155."""
    import keras
    from keras import layers

    image = keras.Input((96, 96, 3))
    x = layers.Conv2D(8, 3, strides=2, padding="same", use_bias=False)(image)
    shortcut = layers.ReLU(6.0)(layers.BatchNormalization()(x))
    x = layers.DepthwiseConv2D(3, padding="same", use_bias=False)(shortcut)
    x = layers.Add()([shortcut, layers.BatchNormalization()(x)])
    x = layers.DepthwiseConv2D(3, strides=2, use_bias=False)(layers.ZeroPadding2D()(x))
    x = layers.GlobalAveragePooling2D()(layers.Conv2D(16, 1, use_bias=False)(x))
    network = keras.Model(image, layers.Dense(5, activation="softmax")(x))
    network.export(str(tmp_path / "model"), verbose=False)

    runtime = tensorflow.TensorFlow(tmp_path / "model")

    assert refused(tmp_path / "model") == []
    (entry,) = runtime.inputs.values()
    assert entry.shape == (None, 96, 96, 3)


def test_nothing_that_is_allowed_reads_writes_or_calls_back():
    suspicious = ("File", "Save", "Restore", "Print", "PyFunc", "Summary", "Reader", "Dataset")
    suspicious += ("Rpc", "Send", "Recv", "Xla", "Iterator", "Queue", "Debug", "Dump", "Collective")

    assert [name for name in ALLOWED if any(word in name for word in suspicious)] == []
