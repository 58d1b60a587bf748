"""The Open Inference Protocol, asked by Triton's own client."""

import numpy as np
import pytest
import tritonclient.http as triton
from tritonclient.utils import InferenceServerException

from models.tumor.features import FEATURES
from tests.support.models import tumor

ROW = [[tumor.EVENT[name] for name in FEATURES]]


@pytest.fixture(scope="module")
def client(served):
    client = triton.InferenceServerClient(served.url.removeprefix("http://"))
    yield client
    client.close()


def tensor(name, array, datatype, binary):
    found = triton.InferInput(name, array.shape, datatype)
    found.set_data_from_numpy(array, binary_data=binary)
    return found


def outputs(names, binary):
    return [triton.InferRequestedOutput(name, binary_data=binary) for name in names]


def test_the_server_is_live_and_ready(client):
    assert client.is_server_live()
    assert client.is_server_ready()
    assert client.get_server_metadata()["extensions"] == ["binary_tensor_data"]


@pytest.mark.parametrize("model", ["tumor", "detector"])
def test_a_model_tells_what_it_takes_and_is_ready(client, model):
    metadata = client.get_model_metadata(model)
    (version,) = metadata["versions"]
    assert (metadata["name"], len(version)) == (model, 64)
    assert client.is_model_ready(model)
    assert client.is_model_ready(model, version)
    assert not client.is_model_ready(model, "1")
    assert not client.is_model_ready("nobody")


@pytest.mark.parametrize("sent", [True, False])
@pytest.mark.parametrize("got", [True, False])
def test_the_classifier_answers_rows(client, sent, got):
    rows = np.array(ROW * 3, np.float32)
    result = client.infer(
        "tumor",
        [tensor("features", rows, "FP32", sent)],
        outputs=outputs(["probability", "label"], got),
        request_id="r-7",
    )
    probability, label = result.as_numpy("probability"), result.as_numpy("label")
    assert (probability.shape, probability.dtype) == ((3,), np.float32)
    assert (probability < 0.5).all()
    assert [one.decode() if isinstance(one, bytes) else one for one in label] == ["B"] * 3
    assert result.get_response()["id"] == "r-7"


@pytest.mark.parametrize("sent", [True, False])
def test_the_detector_answers_pixels(client, sent):
    image = np.full((24, 32, 3), 255, np.uint8)
    result = client.infer("detector", [tensor("image", image, "UINT8", sent)])
    assert result.as_numpy("detection_boxes").shape == (2, 4)
    assert result.as_numpy("detection_class_entities").tolist() == [b"cat", b"dog"]


def test_one_output_alone_of_a_version_by_name(client):
    (version,) = client.get_model_metadata("tumor")["versions"]
    rows = [tensor("features", np.array(ROW, np.float32), "FP32", True)]
    result = client.infer("tumor", rows, version, outputs=outputs(["label"], True))
    assert [one["name"] for one in result.get_response()["outputs"]] == ["label"]


@pytest.mark.parametrize(
    ("model", "name", "array", "datatype", "message"),
    [
        ("nobody", "features", np.zeros((1, 30), np.float32), "FP32", "no model 'nobody'"),
        ("tumor", "rows", np.zeros((1, 30), np.float32), "FP32", "'features' is missing"),
        ("tumor", "features", np.zeros((1, 30)), "FP64", "has to be FP32"),
        ("tumor", "features", np.zeros((1, 29), np.float32), "FP32", "the shape"),
        ("tumor", "features", np.full((1, 30), np.nan, np.float32), "FP32", "not finite"),
        ("detector", "image", np.zeros((0, 5, 3), np.uint8), "UINT8", "no pixels"),
    ],
)
def test_what_a_model_cannot_take_is_told(client, model, name, array, datatype, message):
    with pytest.raises(InferenceServerException, match=message):
        client.infer(model, [tensor(name, array, datatype, True)])


@pytest.mark.parametrize(
    ("body", "length"),
    [
        (b"{", None),
        (b"{}", "3"),
        (b"{}", "-1"),
        (b'{"inputs": []}', None),
        (b'{"inputs": []} and more', "14"),
        (b'{"inputs": [{"name": "features", "shape": [1], "datatype": "FP99"}]}', None),
        (b'{"inputs": [{"name": "features", "shape": [1], "datatype": "FP32"}]}', None),
        (
            b'{"inputs": [{"name": "features", "shape": [1, 30], "datatype": "FP32",'
            b' "parameters": {"binary_data_size": 4}}]}1234',
            "112",
        ),
    ],
)
def test_what_is_no_request_is_an_error_of_the_protocol(served, body, length):
    headers = {"inference-header-content-length": length} if length else {}
    answer = served.request("POST", "/v2/models/tumor/infer", body=body, headers=headers)
    assert answer.status == 400
    assert set(answer.json()) == {"error"}
