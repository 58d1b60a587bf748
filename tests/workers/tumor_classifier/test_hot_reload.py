"""The classifier while its model changes, and without one."""

import time

import pytest

from headrace.handler import lambda_handler
from tests.support.models import tumor as support
from tests.support.models.tumor import EVENT
from workers.tumor_classifier import TumorClassifier


def test_a_new_version_serves_without_a_restart(tmp_path, monkeypatch):
    old = support.publish(tmp_path, rounds=20)
    monkeypatch.setenv("HEADRACE_MODEL_ROOT", str(tmp_path))
    monkeypatch.setenv("HEADRACE_MODEL_REFRESH_SECONDS", "0.01")
    handler = lambda_handler(TumorClassifier)
    event = EVENT | {"explain": True}
    assert handler(event)["model_version"] == old.name

    new = support.publish(tmp_path, rounds=21)

    assert _serves(handler, event, new.name)


def test_a_bad_version_leaves_the_last_good_one_serving(tmp_path, monkeypatch, caplog):
    good = support.publish(tmp_path)
    monkeypatch.setenv("HEADRACE_MODEL_ROOT", str(tmp_path))
    monkeypatch.setenv("HEADRACE_MODEL_REFRESH_SECONDS", "0")
    handler = lambda_handler(TumorClassifier)
    handler.worker()
    support.publish(tmp_path, files={"model.ubj": b""})
    limit = time.monotonic() + 60
    while "cannot load version" not in caplog.text and time.monotonic() < limit:
        assert handler(EVENT | {"explain": True})["model_version"] == good.name
        time.sleep(0.01)
    assert "did not load: model.ubj" in caplog.text


def test_no_model_is_said_at_the_start(tmp_path, monkeypatch):
    monkeypatch.setenv("HEADRACE_MODEL_ROOT", str(tmp_path))
    with pytest.raises(Exception, match="tumor"):
        lambda_handler(TumorClassifier)(EVENT)


def _serves(handler, event, version):
    limit = time.monotonic() + 60
    while time.monotonic() < limit:
        if handler(event)["model_version"] == version:
            return True
        time.sleep(0.02)
    return False
