"""The paths of the Open Inference Protocol."""

import re
from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Any, cast

from headrace import __version__, json_text
from headrace.errors import Reject
from headrace.log import Log
from headrace.serve.call_queue import Busy
from headrace.serve.service import Service
from headrace.serve.v2.tensors import TensorModel, metadata
from headrace.web.answer import Answer
from headrace.web.head import Head
from headrace.web.route import Left, Respond, Route, plain

_MODEL = re.compile(r"/v2/models/([^/]+)(?:/versions/([^/]+))?(?:/(ready|infer))?")
_JSON = (("content-type", "application/json"),)


class InferenceProtocol:
    """Answers below /v2 for the workers that have tensors.

    Args:
        services: All workers.
        is_ready: Whether the server takes requests.
        log: Is told of calls that failed.
    """

    def __init__(self, services: Sequence[Service], is_ready: Callable[[], bool], log: Log) -> None:
        self._models = {
            one.endpoint.model or one.name: one
            for one in services
            if one.endpoint and one.endpoint.tensors
        }
        self._is_ready = is_ready
        self._log = log

    @property
    def models(self) -> dict[str, Service]:
        """The workers that have tensors, by the name of the model."""
        return self._models

    def route(self, path: str) -> Route | None:
        """Return what answers at a path; None if it is none of the protocol's."""
        if path == "/v2":
            extensions = ["binary_tensor_data"]
            about = {"name": "headrace", "version": __version__, "extensions": extensions}
            return Route("GET", plain(lambda: _said(about)))
        if path == "/v2/health/live":
            return Route("GET", plain(lambda: _said({"live": True})), needs_key=False)
        if path == "/v2/health/ready":
            return Route("GET", plain(lambda: _readiness(self._is_ready())), needs_key=False)
        found = _MODEL.fullmatch(path)
        if found is None:
            return None
        name, version, verb = found.groups()
        if verb == "infer":
            return Route("POST", self._guarded(name, version, self._infer))
        answer = self._ready if verb == "ready" else self._metadata
        return Route("GET", self._guarded(name, version, answer))

    def _guarded(self, name: str, version: str | None, answer: Callable[..., Answer]) -> Respond:
        """Return what makes the answer in the worker's turn, and says failures as the protocol."""

        async def respond(head: Head, body: bytes, left: Left) -> Answer:
            service = self._models.get(name)
            if service is None:
                return _error(404, f"there is no model {name[:100]!r}")
            try:
                return await service.call(
                    lambda: answer(name, _model(service, name, version), head, body), left
                )
            except Busy:
                return _error(503, "no call can be taken now")
            except Reject as error:
                return _error(error.status, error.detail)
            except Exception:  # noqa: BLE001 - logged; the caller hears that it failed
                self._log.exception("call failed", model=name)
                return _error(500, "the model failed")

        return respond

    def _metadata(self, name: str, model: TensorModel, head: Head, body: bytes) -> Answer:
        del head, body
        return _said(metadata(name, model))

    def _ready(self, name: str, model: TensorModel, head: Head, body: bytes) -> Answer:
        del head, body
        return _said({"name": name, "ready": model is not None})

    def _infer(self, name: str, model: TensorModel, head: Head, body: bytes) -> Answer:
        from headrace.serve.v2.read import check_inputs, read_request  # noqa: PLC0415 - NumPy
        from headrace.serve.v2.write import infer_answer  # noqa: PLC0415 - NumPy

        if head.values("content-encoding"):
            status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE
            raise Reject("compressed requests are not taken", status=status)
        length = next(iter(head.values("inference-header-content-length")), None)
        request, arrays = read_request(body, length)
        check_inputs(arrays, request.inputs, model)
        return infer_answer(name, model, request, model.infer(arrays))


def _model(service: Service, name: str, version: str | None) -> TensorModel:
    make = service.endpoint.tensors if service.endpoint else None
    if make is None or service.worker is None:
        status = HTTPStatus.NOT_IMPLEMENTED
        raise Reject("calls with a timeout run in other processes, without tensors", status=status)
    model = cast("TensorModel", make(service.worker))
    if version not in {None, model.version}:
        detail = f"{name} serves version {model.version}, no other"
        raise Reject(detail, status=HTTPStatus.NOT_FOUND)
    return model


def _readiness(is_ready: bool) -> Answer:
    return _said({"ready": is_ready}, 200 if is_ready else 503)


def _said(document: Any, status: int = 200) -> Answer:
    return Answer(status, _JSON, json_text.encode(document))


def _error(status: int, message: str) -> Answer:
    headers = (*_JSON, ("retry-after", "1")) if status == 503 else _JSON
    return Answer(status, headers, json_text.encode({"error": message}))
