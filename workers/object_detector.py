"""The object detector: an image URL in; boxes, scores and class names out, or a drawing of them."""

from http import HTTPStatus

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
from workers.detection_request import DetectionRequest, read_request


class ObjectDetector(Worker):
    """Answers `{"url": "https://…"}` by the store's current version."""

    def setup(self) -> None:
        """Load the model; later versions replace it while it serves."""
        keep_freed_memory()
        self.images = read(ImageSettings)
        self.loader = ImageLoader(self.images)
        self.model = LiveModel.from_settings("detector", Detector.load)

    def process(self, record: Record) -> Reply:
        """Fetch the image and find what is on it."""
        request = read_request(record)
        detector = self.model.current()
        image = self._image(request, record, detector.spec.input_size)
        detections = request.select(detector.detect(image), detector.spec.draw_threshold)
        if not request.draw:
            return Reply(msgspec.json.encode(detections.fields()))
        from models.detector.drawing import draw  # noqa: PLC0415 - seldom asked for

        return Reply(draw(image, detections), "image/png")

    def _image(
        self, request: DetectionRequest, record: Record, size: tuple[int, int] | None
    ) -> Pixels:
        hint = (size[1], size[0]) if size and not request.draw else None
        try:
            data = self.loader.fetch(request.url)
            image = decode(data, max_pixels=self.images.image_max_pixels, size_hint=hint)
        except ImageError as error:
            waits = isinstance(record.position, RequestPosition)
            if error.transient and not waits:
                raise  # a stream will bring it again
            raise Reject(str(error), status=_status(error)) from error
        return np.asarray(image)


def _status(error: ImageError) -> HTTPStatus:
    if not error.transient:
        return HTTPStatus.BAD_REQUEST
    timed_out = error.kind == "timeout"
    return HTTPStatus.GATEWAY_TIMEOUT if timed_out else HTTPStatus.BAD_GATEWAY


handler = lambda_handler(ObjectDetector)
