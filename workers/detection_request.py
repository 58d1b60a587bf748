"""What the object detector may be asked, and how bad questions are refused."""

from typing import Annotated, Any

import msgspec

from headrace.errors import Reject
from headrace.images.carried import carried_picture
from headrace.images.decoder import is_image
from headrace.record import Record
from models.detector.detections import Detections

Score = Annotated[float, msgspec.Meta(ge=0, le=1)]
Url = Annotated[str, msgspec.Meta(min_length=1)]


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked about a picture.

    Attributes:
        min_score: Leave out detections below it. By default, an answer in JSON has all of them,
            and a drawing those from the model's `draw_threshold` on.
        max_detections: At most so many, the best ones; None for all.
        classes: Only these class names; None for all.
        draw: Answer with a PNG of the image with the boxes on it.
        picture: Answer with the picture, too, as `picture`: a JPEG in a data URL.
    """

    min_score: Score | None = None
    max_detections: Annotated[int, msgspec.Meta(ge=1)] | None = None
    classes: frozenset[str] | None = None
    draw: bool = False
    picture: bool = False

    def select(self, detections: Detections, draw_threshold: float) -> Detections:
        """Return the detections that were asked for.

        Args:
            detections: All that the model has found.
            draw_threshold: The least score in a drawing for which the request names none.
        """
        default = draw_threshold if self.draw else 0.0
        return detections.select(
            min_score=default if self.min_score is None else self.min_score,
            max_detections=self.max_detections,
            classes=self.classes,
        )


class UrlRequest(Question, frozen=True, kw_only=True):
    """A question about the picture at a URL."""

    url: Url


class DetectionRequest(msgspec.Struct, frozen=True):
    """A question about one picture.

    Attributes:
        question: What is asked.
        url: Where the picture is, or
        file: the picture itself, as it was sent.
    """

    question: Question
    url: str = ""
    file: bytes | None = None


_FIELDS = {field.name: field for field in msgspec.structs.fields(UrlRequest)}
_OF_QUESTION = {name: field for name, field in _FIELDS.items() if name != "url"}


def read_request(record: Record) -> DetectionRequest:
    """Read a record: an object with a URL, or, over HTTP, the picture itself.

    Raises:
        Reject: Neither, or fields that are missing, unknown or wrong; all are named.
    """
    carried = carried_picture(record)
    if carried is not None:
        values = {name: _listed(name, text) for name, text in carried.fields.items()}
        _check(values, _OF_QUESTION, strict=False)
        question = msgspec.convert(values, Question, strict=False)
        return DetectionRequest(question, file=carried.picture)
    if is_image(record.value or b""):
        raise Reject(
            "this is a picture itself: over HTTP, send it with its type, such as image/jpeg"
        )
    value = record.json()
    _refuse_envelope(value)
    if not isinstance(value, dict):
        raise Reject('the request is not an object such as {"url": "https://…"}')
    _check(value, _FIELDS, strict=True)
    asked = msgspec.convert(value, UrlRequest)
    return DetectionRequest(asked, asked.url)


def _refuse_envelope(value: Any) -> None:
    """Name the setting to whoever sends notifications; they have nothing of a question in them."""
    if not isinstance(value, dict) or "url" in value:
        return
    if value.get("Type") == "Notification" or "detail-type" in value or "Records" in value:
        raise Reject("this is a notification: HEADRACE_UNWRAP=sns,s3,eventbridge opens it")


def _listed(name: str, text: str) -> Any:
    return text.split(",") if name == "classes" else text


def _check(value: dict[str, Any], fields: dict[str, Any], *, strict: bool) -> None:
    errors = [error for name in value if (error := _error(name, value[name], fields, strict))]
    if "url" in fields and "url" not in value:
        errors.insert(0, {"field": "url", "detail": "missing"})
    if errors:
        names = ", ".join(str(error["field"]) for error in errors)
        raise Reject(
            f"the request has fields that are missing, unknown or wrong: {names}", errors=errors
        )


def _error(name: str, value: Any, fields: dict[str, Any], strict: bool) -> dict[str, str] | None:
    field = fields.get(name)
    if field is None:
        return {"field": name[:100], "detail": f"unknown; there are {', '.join(fields)}"}
    try:
        msgspec.convert(value, field.type, strict=strict)
    except msgspec.ValidationError as error:
        return {"field": name, "detail": str(error)}
    return None
