"""The object detector: an image URL or an upload in; boxes, scores and class names out."""

import base64
import io
import time
from http import HTTPStatus
from itertools import pairwise
from typing import Any

import msgspec
import numpy as np

from headrace import Record, Reject, Reply, Worker, lambda_handler
from headrace.images import ImageError, ImageLoader, ImageSettings, decode
from headrace.record import RequestPosition
from headrace.settings import read
from headrace.store.live import LiveModel
from models.detector.memory import keep_freed_memory
from models.detector.model import Detector
from models.detector.preparation import Pixels
from workers.detection_endpoint import ENDPOINT
from workers.detection_request import DetectionRequest, read_request
from workers.pictures import Pictures
from workers.uploads import Upload, Uploads, UploadSettings, read_upload


class ObjectDetector(Worker):
    """Answers `{"url": "https://…"}`, or a picture, by the store's current version."""

    endpoint = ENDPOINT

    def setup(self) -> None:
        """Load the model; later versions replace it while it serves."""
        keep_freed_memory()
        self.images = read(ImageSettings)
        self.loader = ImageLoader(self.images)
        self.model = LiveModel.from_settings("detector", Detector.load)
        told = read(UploadSettings)
        self.uploads = Uploads(self.loader, self.images, told.upload_buckets)
        url = told.pictures_url
        self.pictures = None if url is None else Pictures(url, told.upload_buckets)
        self.is_cold = True

    def process(self, record: Record) -> Reply | dict[str, Any] | None:
        """Fetch the image and find what is on it."""
        upload = read_upload(record)
        return self._answer(record) if upload is None else self._uploaded(upload)

    def _uploaded(self, upload: Upload) -> dict[str, Any] | None:
        why = upload.why_skipped()
        if why is None and self.pictures is not None and self.pictures.holds(upload):
            why = "it is a drawing of our own"
        data = None if why else self.uploads.fetch(upload)
        if data is None:
            self.log.info("upload skipped", **upload.about(), why=why or "it is there no more")
            return None
        detector = self.model.loaded().model
        draws = self.pictures is not None
        image = self._image(data, None if draws else detector.spec.input_size)
        detections = detector.detect(image)
        answer: dict[str, Any] = upload.about() | msgspec.to_builtins(detections.fields())
        if self.pictures is not None:
            from models.detector.drawing import draw  # noqa: PLC0415 - seldom asked for

            seen = detections.select(min_score=detector.spec.draw_threshold)
            answer["picture"] = self.pictures.put(upload, draw(image, seen))
        return answer

    def _answer(self, record: Record) -> Reply:
        request = read_request(record)
        asked = request.question
        loaded = self.model.loaded()
        detector, times = loaded.model, [("begin", time.perf_counter())]
        data = self._file(request, record)
        times.append(("fetch", time.perf_counter()))
        whole = asked.draw or asked.picture
        image = self._image(data, None if whole else detector.spec.input_size)
        times.append(("decode", time.perf_counter()))
        detections = asked.select(detector.detect(image), detector.spec.draw_threshold)
        times.append(("inference", time.perf_counter()))
        headers = self._about(loaded.version, times) if record.request else ()
        if asked.draw:
            from models.detector.drawing import draw  # noqa: PLC0415 - seldom asked for

            return Reply(draw(image, detections), "image/png", headers=headers)
        answer = msgspec.to_builtins(detections.fields())
        if asked.picture:
            answer["picture"] = _data_url(image)
        return Reply(msgspec.json.encode(answer), headers=headers)

    def _file(self, request: DetectionRequest, record: Record) -> bytes:
        if request.file is not None:
            return request.file
        try:
            return self.loader.fetch(request.url)
        except ImageError as error:
            waits = isinstance(record.position, RequestPosition)
            if error.transient and not waits:
                raise  # a stream will bring it again
            raise Reject(str(error), status=_status(error)) from error

    def _image(self, data: bytes, size: tuple[int, int] | None) -> Pixels:
        hint = (size[1], size[0]) if size else None
        try:
            image = decode(data, max_pixels=self.images.image_max_pixels, size_hint=hint)
        except ImageError as error:
            raise Reject(str(error), status=_status(error)) from error
        return np.asarray(image)

    def _about(self, version: str, times: list[tuple[str, float]]) -> tuple[tuple[str, str], ...]:
        """Return headers: the version, and how long each part took (W3C Server Timing)."""
        parts = [
            f"{name};dur={(now - before) * 1000:.1f}"
            for (_, before), (name, now) in pairwise(times)
        ]
        if self.is_cold:
            self.is_cold = False
            parts.append('cold;desc="the first answer of this process"')
        return ("headrace-model", version), ("server-timing", ", ".join(parts))


def _data_url(image: Pixels) -> str:
    from PIL import Image  # noqa: PLC0415 - imported when a picture is decoded

    file = io.BytesIO()
    Image.fromarray(image).save(file, "JPEG", quality=88)
    return f"data:image/jpeg;base64,{base64.b64encode(file.getvalue()).decode()}"


def _status(error: ImageError) -> HTTPStatus:
    if not error.transient:
        return HTTPStatus.BAD_REQUEST
    timed_out = error.kind == "timeout"
    return HTTPStatus.GATEWAY_TIMEOUT if timed_out else HTTPStatus.BAD_GATEWAY


handler = lambda_handler(ObjectDetector)
