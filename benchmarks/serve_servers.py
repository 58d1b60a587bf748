"""The servers that are compared: each a process of its own, with the published models."""

import io
import json
import os
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

import skimage
from PIL import Image
from urllib3.filepost import encode_multipart_formdata

from benchmarks.process import OURS, ROOT

_BIN = ROOT / ".venv-bench-serve" / "bin"
_WORKERS = {"classifier": "workers.tumor_classifier", "detector": "workers.object_detector"}
_PATHS = {"classifier": "/tumor", "detector": "/detect"}
_FASTAPI = "benchmarks.peers.serve_fastapi:app"
PEERS: Mapping[str, tuple[str, ...]] = {
    "FastAPI + uvicorn": (
        *(str(_BIN / "uvicorn"), _FASTAPI, "--port", "{port}", "--no-access-log"),
    ),
    "FastAPI + uvicorn, 2 processes": (
        *(str(_BIN / "uvicorn"), _FASTAPI, "--port", "{port}", "--no-access-log"),
        *("--workers", "2"),
    ),
    "LitServe": (str(_BIN / "python"), "-m", "benchmarks.peers.serve_litserve", "{port}"),
    "BentoML": (
        *(str(_BIN / "bentoml"), "serve", "benchmarks.peers.serve_bentoml:{name}"),
        *("--port", "{port}"),
    ),
}
_START_SECONDS = 120


class Server(NamedTuple):
    """A server that answers, and what it is asked."""

    url: str
    pid: int
    body: bytes
    content_type: str


def published() -> str:
    """The model store that `make train` has filled."""
    root = Path(os.environ.get("HEADRACE_MODEL_ROOT", ROOT / "var" / "models"))
    if not (root / "tumor").exists() or not (root / "detector").exists():
        raise SystemExit(f"there are no models in {root}: make train")
    return str(root)


@contextmanager
def running(title: str, name: str, models: str) -> Iterator[Server]:
    """Start a server, wait until it answers, and end it.

    Args:
        title: "ours", or one of the peers.
        name: "classifier" or "detector".
        models: The model store.
    """
    port = _free_port()
    command = [word.format(port=port, name=name) for word in PEERS.get(title, _ours(name))]
    environ = os.environ | {
        "HEADRACE_MODEL_ROOT": models,
        "HEADRACE_LOG_LEVEL": "WARNING",
        "SERVE_MODEL": name,
        "PYTHONPATH": str(ROOT),
        "BENTOML_DO_NOT_TRACK": "True",
        "OMP_NUM_THREADS": "1",
    }
    body, content_type = _body(title, name)
    url = f"http://127.0.0.1:{port}{_PATHS[name]}"
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environ, stdout=log, stderr=log, start_new_session=True
        )
        try:
            server = Server(url, process.pid, body, content_type)
            _wait(server, process, log)
            yield server
        finally:
            process.terminate()
            process.wait(60)
            # What a server leaves behind would take processor time from the next one.
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def _ours(name: str) -> tuple[str, ...]:
    return (OURS, "-m", "headrace", "serve", _WORKERS[name], "--port", "{port}")


def _body(title: str, name: str) -> tuple[bytes, str]:
    if name == "classifier":
        row = json.loads((ROOT / "examples" / "tumor.json").read_text())
        if title == "BentoML":  # what it batches is an array
            return json.dumps({"rows": [list(row.values())]}).encode(), "application/json"
        return json.dumps(row).encode(), "application/json"
    with Image.open(Path(skimage.__file__).parent / "data" / "chelsea.png") as image:
        file = io.BytesIO()
        image.convert("RGB").save(file, "JPEG", quality=90)
    if title == "LitServe":  # what it takes is a form
        return encode_multipart_formdata({"request": ("a.jpg", file.getvalue(), "image/jpeg")})
    return file.getvalue(), "image/jpeg"


def _wait(server: Server, process: "subprocess.Popen[bytes]", log: io.BufferedRandom) -> None:
    headers = {"content-type": server.content_type}
    asked = urllib.request.Request(server.url, server.body, headers)
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(asked, timeout=30) as answer:
                answer.read()
            return
        except urllib.error.HTTPError as error:
            if error.code < 500:
                raise SystemExit(f"{server.url}: {error.code} {error.read()!r}") from None
        except OSError:
            pass
        time.sleep(0.01)
    log.seek(0)
    raise SystemExit(f"{server.url} does not answer:\n{log.read()[-2000:].decode()}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
