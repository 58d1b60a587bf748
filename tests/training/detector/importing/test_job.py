"""The import command, from a file or a URL to a version in the store."""

import functools
import hashlib
import http.server
import tarfile

import numpy as np
import pytest

from headrace.store.model_store import ModelStore
from models.detector.model import Detector
from tests.support.http_server import LoopbackServer
from tests.support.lazily import Lazily
from training.detector.importing.job import main

small_saved_model = Lazily("tests.support.models.small_saved_model")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(600),
    pytest.mark.usefixtures("trials_without_keras"),
]


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    folder = small_saved_model.save(tmp_path_factory.mktemp("model"))
    path = tmp_path_factory.mktemp("archive") / "detector.tar.gz"
    with tarfile.open(path, "w:gz") as tar:
        tar.add(folder, "./")
    return path


@pytest.fixture
def digest(archive):
    return hashlib.sha256(archive.read_bytes()).hexdigest()


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HEADRACE_MODEL_ROOT", "store")
    monkeypatch.delenv("HEADRACE_MODEL_SIGNING_KEY", raising=False)
    monkeypatch.delenv("HEADRACE_MODEL_VERIFY_KEY", raising=False)
    return tmp_path


def published(here):
    return ModelStore(here / "store").open("detector")


def test_an_archive_becomes_the_current_version(here, archive, digest, capsys):
    assert main([str(archive), "--sha256", digest]) == 0
    version = published(here)
    assert capsys.readouterr().out == f"detector {version.name} served by litert\n"
    source = version.manifest.attributes["source"]
    assert source == {"name": str(archive), "sha256": digest}
    image = np.zeros((20, 20, 3), np.uint8)
    image[:10, :10, 1] = 255
    assert Detector.load(version).detect(image).entities[0] == "green"


def test_a_url_is_fetched_into_the_download_folder_once(here, archive, digest):
    serve = functools.partial(http.server.SimpleHTTPRequestHandler, directory=archive.parent)
    with LoopbackServer(serve) as server:
        url = f"http://{server.address}/{archive.name}?token=secret"
        arguments = [url, "--sha256", digest, "--runtime", "tensorflow"]
        assert main(arguments) == 0
    version = published(here)
    assert version.manifest.attributes["detector"]["runtime"] == "tensorflow"
    assert "secret" not in str(version.manifest.attributes)
    assert Detector.load(version).spec.head == "contract"
    assert main(arguments) == 0  # nobody serves it any more; the same content, the same version
    assert published(here).name == version.name


def refused(arguments, capsys):
    assert main([str(argument) for argument in arguments]) == 1
    return capsys.readouterr().err


def test_another_digest_is_refused(archive, capsys):
    assert "expected 0000" in refused([archive, "--sha256", "0" * 64], capsys)


def test_a_file_of_another_kind_is_refused(here, capsys):
    (here / "model.zip").write_bytes(b"PK\x03\x04")
    assert "neither a .tar.gz nor a .tflite" in refused(["model.zip"], capsys)


def test_a_missing_file_is_named(capsys):
    assert "nowhere.tar.gz" in refused(["nowhere.tar.gz"], capsys)


def test_a_tflite_file_needs_its_labels(here, capsys):
    (here / "model.tflite").write_bytes(b"\x1c\x00\x00\x00TFL3")
    assert "--labels" in refused(["model.tflite"], capsys)


def test_an_unsafe_archive_publishes_nothing(here, capsys):
    with tarfile.open("evil.tar.gz", "w:gz") as tar:
        info = tarfile.TarInfo("../evil")
        tar.addfile(info)
    assert "leads out of the archive" in refused(["evil.tar.gz"], capsys)
    assert not (here / "store").exists()


def test_a_wrong_setting_is_named(archive, monkeypatch, capsys):
    monkeypatch.setenv("HEADRACE_MODEL_REFRESH_SECONDS", "soon")
    assert "HEADRACE_MODEL_REFRESH_SECONDS" in refused([archive, "--runtime", "tensorflow"], capsys)
