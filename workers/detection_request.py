"""What the object detector may be asked, and how bad questions are refused."""

from collections.abc import Collection, Mapping
from typing import Annotated, Any

import msgspec

from headrace.errors import Reject
from headrace.images.carried import carried_picture
from headrace.images.decoder import is_image
from headrace.record import Record
from models.detector.detections import Detections

Score = Annotated[float, msgspec.Meta(ge=0, le=1)]
Url = Annotated[str, msgspec.Meta(min_length=1)]
Error = dict[str, str]


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
_AS_TEXT = {
    "min_score": "a number from 0 to 1, such as 0.5",
    "max_detections": "an integer from 1 on",
    "classes": "names with commas between them",
    "draw": "true or false",
    "picture": "true or false",
}


def read_request(record: Record) -> DetectionRequest:
    """Read a record: an object with a URL, or, over HTTP, the picture itself.

    Over HTTP, the query may ask, too, what is asked about it; the object says it over the query.

    Raises:
        Reject: Neither, or fields that are missing, unknown or wrong; all are named.
    """
    carried = carried_picture(record)
    if carried is not None:
        found, errors = _read_texts(carried.fields)
        _refuse(errors)
        return DetectionRequest(Question(**found), file=carried.picture)
    if is_image(record.value or b""):
        raise Reject(
            "this is a picture itself: over HTTP, send it with its type, such as image/jpeg"
        )
    value = record.json()
    _refuse_envelope(value)
    if not isinstance(value, dict):
        raise Reject('the request is not an object such as {"url": "https://…"}')
    query = record.request.query if record.request else ()
    asked, errors = _read_texts({name: text for name, text in query if name in _OF_QUESTION})
    found, others = _read(value)
    _refuse([*others, *errors])
    request = UrlRequest(**asked | found)
    return DetectionRequest(request, request.url)


def _refuse_envelope(value: Any) -> None:
    """Name the setting to whoever sends notifications; they have nothing of a question in them."""
    if not isinstance(value, dict) or "url" in value:
        return
    if value.get("Type") == "Notification" or "detail-type" in value or "Records" in value:
        raise Reject("this is a notification: HEADRACE_UNWRAP=sns,s3,eventbridge opens it")


def _read(value: dict[str, Any]) -> tuple[dict[str, Any], list[Error]]:
    found: dict[str, Any] = {}
    errors = [] if "url" in value else [{"field": "url", "detail": "missing"}]
    for name, one in value.items():
        try:
            found[name] = msgspec.convert(one, _FIELDS[name].type)
        except KeyError:
            errors.append(_unknown(name, _FIELDS))
        except msgspec.ValidationError as error:
            errors.append({"field": name, "detail": str(error)})
    return found, errors


def _read_texts(texts: Mapping[str, str]) -> tuple[dict[str, Any], list[Error]]:
    """Read what a query or a form asks: all of it is text."""
    found: dict[str, Any] = {}
    errors: list[Error] = []
    for name, text in texts.items():
        try:
            value = _of_text(name, text)
            found[name] = msgspec.convert(value, _OF_QUESTION[name].type, strict=False)
        except KeyError:
            errors.append(_unknown(name, _OF_QUESTION))
        except ValueError:  # as msgspec's is
            errors.append({"field": name, "detail": f"{_AS_TEXT[name]} is expected"})
    return found, errors


def _of_text(name: str, text: str) -> Any:
    if name == "classes":
        return [one.strip() for one in text.split(",")] if text.strip() else text
    return float(text) if name == "min_score" else text


def _unknown(name: str, fields: Collection[str]) -> Error:
    return {"field": name[:100], "detail": f"unknown; there are {', '.join(fields)}"}


def _refuse(errors: list[Error]) -> None:
    if errors:
        names = ", ".join(error["field"] for error in errors)
        raise Reject(
            f"the request has fields that are missing, unknown or wrong: {names}", errors=errors
        )
