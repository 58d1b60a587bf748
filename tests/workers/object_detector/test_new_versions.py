"""The object detector while its model changes, and without one."""

import json
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from headrace import lambda_handler
from headrace.store.live import LiveModel
from models.detector.model import Detector
from tests.support.models.three_boxes import MODEL, publish
from workers.object_detector import ObjectDetector

SWAPS = int(os.environ.get("SOAK_SWAPS", "30"))  # `make soak` takes a hundred


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
