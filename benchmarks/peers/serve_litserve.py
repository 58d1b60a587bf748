"""LitServe, with its batching for the classifier."""

import os
import sys
from typing import Any

import litserve
from fastapi import UploadFile

from benchmarks.peers.serve_models import Classifier, Pictures


class Tumor(litserve.LitAPI):
    """A batch is one prediction."""

    def setup(self, device: str) -> None:
        """Load the model."""
        self.classifier = Classifier()

    def decode_request(self, request: dict[str, float]) -> list[float]:
        """The row."""
        return Classifier.row(request)

    def batch(self, inputs: list[list[float]]) -> list[list[float]]:
        """All rows."""
        return inputs

    def predict(self, rows: list[list[float]]) -> list[str]:
        """One prediction for all."""
        return self.classifier.labels(rows)

    def unbatch(self, output: list[str]) -> list[str]:
        """Each answer."""
        return output

    def encode_response(self, output: str) -> dict[str, str]:
        """The answer."""
        return {"result": output}


class Detect(litserve.LitAPI):
    """A picture is one call."""

    def setup(self, device: str) -> None:
        """Load the model."""
        self.pictures = Pictures()

    def decode_request(self, request: UploadFile) -> bytes:
        """The file of the form."""
        return request.file.read()

    def predict(self, data: bytes) -> dict[str, Any]:
        """One picture."""
        return self.pictures.find(data)

    def encode_response(self, output: dict[str, Any]) -> dict[str, Any]:
        """The answer."""
        return output


if __name__ == "__main__":
    if os.environ["SERVE_MODEL"] == "classifier":
        api: litserve.LitAPI = Tumor(max_batch_size=64, batch_timeout=0.005, api_path="/tumor")
    else:
        api = Detect(api_path="/detect")
    server = litserve.LitServer(api, accelerator="cpu", workers_per_device=1)
    server.run(port=int(sys.argv[1]), generate_client_file=False, log_level="warning")
