"""The object detector on every kind of event, with a model of three boxes and an image server."""

import base64
import io
import json
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image

from headrace import lambda_handler
from headrace.store.live import LiveModel
from headrace.store.publisher import Publisher
from models.detector.model import Detector
from tests.support.http_server import LoopbackServer, QuietHandler
from tests.support.models.three_boxes import MODEL, publish
from workers.object_detector import ObjectDetector

SWAPS = int(os.environ.get("SOAK_SWAPS", "30"))  # `make soak` takes a hundred


def image_file(level=255, kind="PNG", size=(32, 24)):
    file = io.BytesIO()
    Image.new("RGB", size, (level, level, level)).save(file, kind)
    return file.getvalue()


class Images(QuietHandler):
    """/white.png and so on; /status/503 answers with that status; /text is no image."""

    def do_GET(self):
        name = self.path.strip("/")
        status, body = 200, b"hello"
        if name.startswith("status/"):
            status = int(name.removeprefix("status/"))
        elif name != "text":
            body = image_file({"white.png": 255, "grey.png": 128}[name])
        self.reply(status, body)


@pytest.fixture(scope="module")
def server():
    with LoopbackServer(Images) as running:
        yield f"http://{running.address}"


@pytest.fixture
def store(tmp_path):
    return Publisher(tmp_path / "models")


@pytest.fixture
def sink(tmp_path):
    return tmp_path / "results.jsonl"


@pytest.fixture
def environment(monkeypatch, store, server, sink):
    publish(store)
    monkeypatch.setenv("HEADRACE_MODEL_ROOT", str(store.root))
    monkeypatch.setenv("HEADRACE_MODEL_REFRESH_SECONDS", "0")
    monkeypatch.setenv("HEADRACE_IMAGE_ALLOW_HOSTS", server.removeprefix("http://"))
    monkeypatch.setenv("HEADRACE_SINK_URL", f"file:{sink}")
    monkeypatch.setenv("HEADRACE_DEAD_LETTER_URL", f"file:{sink}.dead")
    monkeypatch.setenv("HEADRACE_REPORT_BATCH_ITEM_FAILURES", "true")
    return monkeypatch


@pytest.fixture
def handler(environment):
    handler = lambda_handler(ObjectDetector)
    yield handler
    handler.close()


def http_event(body):
    return {
        "requestContext": {"http": {"method": "POST", "path": "/"}, "requestId": "r"},
        "headers": {"content-type": "application/json"},
        "body": json.dumps(body),
        "isBase64Encoded": False,
    }


def kafka_event(*values, key=None):
    records = [
        {
            "topic": "images",
            "partition": 0,
            "offset": offset,
            "timestamp": 1,
            "timestampType": "CREATE_TIME",
            "value": base64.b64encode(json.dumps(value).encode()).decode(),
            "headers": [],
        }
        for offset, value in enumerate(values)
    ]
    return {
        "eventSource": "SelfManagedKafka",
        "bootstrapServers": "localhost:9092",
        "records": {"images-0": records},
    }


def test_a_direct_answer_is_that_of_the_reference_function(handler, server):
    answer = handler({"url": f"{server}/white.png"})
    assert list(answer) == ["statusCode", "body"]
    assert answer["statusCode"] == 200
    body = json.loads(answer["body"])
    assert list(body) == ["detection_boxes", "detection_scores", "detection_class_entities"]
    assert body["detection_class_entities"] == ["cat", "dog"]
    assert body["detection_scores"] == pytest.approx([0.9, 0.6])
    assert body["detection_boxes"][0] == pytest.approx([0.1, 0.1, 0.5, 0.5])


@pytest.mark.parametrize(
    ("options", "entities"),
    [
        ({"min_score": 0.7}, ["cat"]),
        ({"max_detections": 1}, ["cat"]),
        ({"classes": ["dog", "cow"]}, ["dog"]),
        ({"min_score": 0.95}, []),
        ({"min_score": 0, "max_detections": 50, "classes": None, "draw": False}, ["cat", "dog"]),
    ],
)
def test_options_choose_among_the_detections(handler, server, options, entities):
    body = json.loads(handler({"url": f"{server}/white.png", **options})["body"])
    assert body["detection_class_entities"] == entities
    assert len(body["detection_boxes"]) == len(body["detection_scores"]) == len(entities)


def test_a_drawing_is_a_png_of_the_whole_image(handler, server):
    answer = handler(http_event({"url": f"{server}/white.png", "draw": True}))
    assert (answer["statusCode"], answer["isBase64Encoded"]) == (200, True)
    assert answer["headers"]["content-type"] == "image/png"
    with Image.open(io.BytesIO(base64.b64decode(answer["body"]))) as drawing:
        assert (drawing.format, drawing.size) == ("PNG", (32, 24))
    assert drawn_pixels(answer, level=255)


def drawn_pixels(answer, level):
    """How many pixels of a drawing differ from the picture, which is of one grey."""
    with Image.open(io.BytesIO(base64.b64decode(answer["body"]))) as drawing:
        return int((np.asarray(drawing.convert("RGB")) != level).any(axis=2).sum())


def test_guesses_are_drawn_only_for_who_asks_for_them(handler, server):
    """On grey, the model finds a cat at 45 % and a dog at 30 %."""
    drawing = {"url": f"{server}/grey.png", "draw": True}
    assert json.loads(handler(drawing | {"draw": False})["body"])["detection_scores"]
    assert drawn_pixels(handler(drawing), level=128) == 0
    cat, both = (handler(drawing | {"min_score": score}) for score in (0.4, 0.0))
    assert drawn_pixels(cat, level=128)
    assert cat["body"] != both["body"]


@pytest.mark.parametrize(
    ("request_body", "named"),
    [
        ({}, ["url"]),
        ({"url": 7}, ["url"]),
        ({"url": ""}, ["url"]),
        ({"url": "https://a/b", "min_score": 2}, ["min_score"]),
        ({"url": "https://a/b", "min_score": "high"}, ["min_score"]),
        ({"url": "https://a/b", "max_detections": 0}, ["max_detections"]),
        ({"url": "https://a/b", "classes": "dog"}, ["classes"]),
        ({"url": "https://a/b", "draw": "yes"}, ["draw"]),
        ({"url": "https://a/b", "colour": 1}, ["colour"]),
        ({"min_score": -1, "size": 3}, ["url", "min_score", "size"]),
    ],
)
def test_every_missing_unknown_or_wrong_field_is_named(handler, request_body, named):
    answer = handler(http_event(request_body))
    problem = json.loads(answer["body"])
    assert answer["statusCode"] == problem["status"] == 400
    assert answer["headers"]["content-type"] == "application/problem+json"
    assert [error["field"] for error in problem["errors"]] == named
    assert all(name in problem["detail"] for name in named)


def test_a_request_that_is_no_object_is_refused(handler):
    assert handler(http_event(["https://a/b"]))["statusCode"] == 400


@pytest.mark.parametrize(
    ("url", "status"),
    [
        ("{server}/status/404", 400),
        ("{server}/text", 400),
        ("{server}/status/503", 502),
        ("http://169.254.169.254/latest", 400),
        ("file:///etc/passwd", 400),
        ("s3://bucket/key", 400),
        ("data:image/png;base64,AAAA", 400),
    ],
)
def test_a_caller_is_told_why_an_image_could_not_be_had(handler, server, url, status):
    answer = handler(http_event({"url": url.format(server=server)}))
    assert answer["statusCode"] == status
    assert json.loads(answer["body"])["detail"]


def test_data_urls_work_where_they_are_allowed(environment):
    environment.setenv("HEADRACE_IMAGE_ALLOW_DATA", "true")
    url = "data:image/png;base64," + base64.b64encode(image_file(128)).decode()
    body = json.loads(lambda_handler(ObjectDetector)({"url": url})["body"])
    assert body["detection_scores"][0] == pytest.approx(0.9 * 128 / 255)


def test_on_a_stream_detections_go_to_the_sink_and_failures_stay_alone(handler, server, sink):
    """One can never work (dead letter), one may work later (delivered again), two work."""
    event = kafka_event(
        {"url": f"{server}/white.png"},
        {"url": f"{server}/text"},
        {"url": f"{server}/status/503"},
        {"url": f"{server}/grey.png", "max_detections": 1},
    )
    response = handler(event)
    failed = [item["itemIdentifier"]["offset"] for item in response["batchItemFailures"]]
    assert failed == [2]
    results = [json.loads(line)["value"] for line in sink.read_text().splitlines()]
    best = [result["detection_scores"][0] for result in results]
    assert best == pytest.approx([0.9, 0.9 * 128 / 255])
    (dead,) = sink.with_name(f"{sink.name}.dead").read_text().splitlines()
    assert "not a JPEG" in dead


def test_swaps_under_load_fail_no_request(handler, store, server):
    """Two versions take turns while requests run; every answer is one of the two, whole."""
    done = threading.Event()
    answers = []

    def ask():
        while not done.is_set():
            answers.append(handler({"url": f"{server}/white.png"}))

    handler.worker().model = model = LiveModel(
        store, MODEL, Detector.load, refresh_seconds=0, trial_seconds=0
    )
    names = [publish(store, scale=scale).name for scale in (1.0, 0.5)]
    with ThreadPoolExecutor(2) as pool:
        asking = [pool.submit(ask) for _ in range(2)]
        try:
            for swap in range(SWAPS):
                store.point(MODEL, names[swap % 2])
                assert _follows(model, names[swap % 2])
        finally:
            done.set()
        for asked in asking:
            asked.result()
    assert {answer["statusCode"] for answer in answers} == {200}
    best = {round(json.loads(answer["body"])["detection_scores"][0], 3) for answer in answers}
    assert best == {0.9, 0.45}


def test_a_corrupt_candidate_serves_nobody_and_is_reported_once(handler, store, server, caplog):
    handler({"url": f"{server}/white.png"})
    publish(store, scale=0.5, golden_scale=1.0)
    alarms, limit = [], time.monotonic() + 60
    while not alarms and time.monotonic() < limit:
        body = json.loads(handler({"url": f"{server}/white.png"})["body"])
        assert body["detection_scores"][0] == pytest.approx(0.9)
        alarms = [one for one in caplog.records if "cannot load version" in one.getMessage()]
        time.sleep(0.01)
    assert len(alarms) == 1
    assert "golden sample" in alarms[0].getMessage()


def _follows(model, name):
    limit = time.monotonic() + 60
    while model.version != name and time.monotonic() < limit:
        time.sleep(0.001)
    return model.version == name


def test_a_worker_without_a_model_does_not_start(environment, tmp_path):
    environment.setenv("HEADRACE_MODEL_ROOT", str(tmp_path / "nothing"))
    with pytest.raises(Exception, match="no version of detector is current"):
        lambda_handler(ObjectDetector).worker()
