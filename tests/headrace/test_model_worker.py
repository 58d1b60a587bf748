"""ModelWorker: five lines, and what they do with good rows and bad."""

import json
import time

import msgspec
import pytest

from headrace import lambda_handler
from headrace.endpoint import Endpoint
from headrace.errors import WorkerError
from headrace.inference.publishing import publish
from headrace.model_worker import ModelWorker
from headrace.serve.names import named
from headrace.store.errors import StoreError
from headrace.store.publisher import Publisher
from headrace.testing import invoke, run
from tests.support.models.onnx_graphs import sums
from tests.support.serving import RunningServer

pytestmark = pytest.mark.slow(seconds=1.5)


class Sums(ModelWorker):
    """Adds up."""

    model = "sums"


class Doubles(Sums):
    """Asks for a part of the record, and says it in other words."""

    def row(self, record):
        return record.json()["numbers"]

    def answer(self, record, prediction):
        return {"id": record.json()["id"], "double": 2 * prediction["sum"]}


@pytest.fixture
def store(tmp_path, monkeypatch):
    monkeypatch.setenv("HEADRACE_MODEL_ROOT", str(tmp_path / "models"))
    monkeypatch.setenv("HEADRACE_MODEL_REFRESH_SECONDS", "0")
    publisher = Publisher(tmp_path / "models")

    def put(width, samples=None):
        (tmp_path / "sums.onnx").write_bytes(sums(width))
        return publish(publisher, "sums", [tmp_path / "sums.onnx"], samples=samples)

    put(3)
    return put


def test_rows_are_answered_and_others_are_rejected_each_for_itself(store):
    result = run(Sums, [[1, 2, 3], {"a": 1}, [1, 2], [4, 5, 6], ["x", 1, 2]])

    assert result.results[0] == {"sum": 6.0}
    assert result.results[3] == {"sum": 15.0}
    assert set(result.rejects) == {1, 2, 4}
    assert "does not fit the model's input" in result.rejects[2].error


def test_row_and_answer_can_be_of_ones_own(store):
    result = run(Doubles, [{"id": 7, "numbers": [1, 2, 3]}, {"id": 8}, {"id": 9, "numbers": [1]}])

    assert result.results[0] == {"id": 7, "double": 12.0}
    assert set(result.rejects) == {2}
    assert "numbers" in str(result.failures[1])  # a KeyError is the record's own failure


def test_a_caller_gets_the_answer_or_what_is_wrong(store):
    assert invoke(Sums, [1, 2, 3]) == {"sum": 6.0}
    refused = invoke(Sums, {"a": 1})
    assert refused["statusCode"] == 400
    assert "does not fit" in json.loads(refused["body"])["detail"]


def test_another_version_serves_without_a_restart(store):
    handler = lambda_handler(Sums)
    assert handler([1, 2, 3]) == {"sum": 6.0}

    store(2)

    limit = time.monotonic() + 60
    while handler([1, 2]) != {"sum": 3.0} and time.monotonic() < limit:
        time.sleep(0.02)
    assert handler([1, 2]) == {"sum": 3.0}


@pytest.mark.parametrize("members", [{}, {"model": None}, {"model": 5}])
def test_a_worker_that_names_no_model_says_so(members):
    nameless = type("Nameless", (ModelWorker,), members)
    with pytest.raises(WorkerError, match="Nameless names no model"):
        lambda_handler(nameless).worker()


def test_no_model_is_one_line_that_says_how_to_publish_one(tmp_path, monkeypatch):
    monkeypatch.setenv("HEADRACE_MODEL_ROOT", str(tmp_path))

    with pytest.raises(Exception, match="publish one with `headrace models publish sums FILE`"):
        lambda_handler(Sums).worker()


def test_it_answers_the_open_inference_protocol(store):
    names = named(["sums"], [Sums])
    server = RunningServer(names)
    try:
        server.open(lambda_handler(Sums))
        sent = {"name": "rows", "shape": [2, 3], "datatype": "FP32", "data": [1, 2, 3, 4, 5, 6]}
        metadata = json.loads(server.ask("GET", "/v2/models/sums")[2])
        sent["name"] = metadata["inputs"][0]["name"]
        body = json.dumps({"inputs": [sent]})
        outputs = json.loads(server.ask("POST", "/v2/models/sums/infer", body)[2])["outputs"]
        short = json.dumps({"inputs": [sent | {"shape": [3, 2]}]})
        refused = server.ask("POST", "/v2/models/sums/infer", short)[0]
        row = json.loads(server.ask("POST", "/sums", "[1, 2, 3]")[2])
    finally:
        server.drain(1)
    assert metadata["platform"] == "onnx"
    assert [one["data"] for one in outputs] == [[6.0, 15.0]]
    assert (refused, row) == (400, {"sum": 6.0})


def test_a_process_that_would_never_be_called_is_refused():
    with pytest.raises(WorkerError, match=r"Mine\.process would never be called"):

        class Mine(Sums):
            def process(self, record):
                return self.served.version


def test_one_that_predicts_for_itself_may_have_both():
    class Mine(Sums):
        def process(self, record):
            return 1

        def process_batch(self, records):
            return [self.process(record) for record in records]

    assert lambda_handler(Mine).worker_class is Mine


def test_a_setup_of_ones_own_that_leaves_the_model_out_is_told(store):
    class Mine(Sums):
        def setup(self):
            self.limit = 3

    failure = run(Mine, [[1, 2, 3]]).failures[0]
    assert str(failure) == "Mine.setup has to call super().setup()"


def test_a_version_that_is_not_there_is_all_that_is_told(store, caplog):
    class Mine(Sums):
        reference = "0" * 64

    with pytest.raises(StoreError):
        run(Mine, [[1, 2, 3]])
    assert "fall back" not in caplog.text


def test_a_model_of_one_s_own_has_an_endpoint_of_its_own():
    class Others(Sums):
        model = "others"

    assert (Others.endpoint.path, Others.endpoint.model) == ("/others", "others")
    assert Doubles.endpoint is Sums.endpoint


def test_an_endpoint_that_is_written_stays():
    class Mine(ModelWorker):
        model = "mine"
        endpoint = Endpoint(path="/ask", model="mine")

    class Yours(Mine):
        model = "yours"

    class Theirs(Sums):
        model = "theirs"
        endpoint = msgspec.structs.replace(Sums.endpoint, summary="Adds up.")

    assert Yours.endpoint is Mine.endpoint
    assert Theirs.endpoint.summary == "Adds up."
