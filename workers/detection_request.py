"""What the object detector may be asked, and how bad questions are refused."""

from typing import Annotated, Any

import msgspec

from headrace.errors import Reject
from headrace.record import Record
from models.detector.detections import Detections

Score = Annotated[float, msgspec.Meta(ge=0, le=1)]
Url = Annotated[str, msgspec.Meta(min_length=1)]


class DetectionRequest(msgspec.Struct, frozen=True, kw_only=True):
    """One image to look at.

    Attributes:
        url: Where the image is.
        min_score: Leave out detections below it. By default, an answer in JSON has all of them,
            and a drawing those from the model's `draw_threshold` on.
        max_detections: At most so many, the best ones; None for all.
        classes: Only these class names; None for all.
        draw: Answer with a PNG of the image with the boxes on it.
    """

    url: Url
    min_score: Score | None = None
    max_detections: Annotated[int, msgspec.Meta(ge=1)] | None = None
    classes: frozenset[str] | None = None
    draw: bool = False

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


_FIELDS = {field.name: field for field in msgspec.structs.fields(DetectionRequest)}


def read_request(record: Record) -> DetectionRequest:
    """Read a record's value.

    Raises:
        Reject: Not a JSON object, or fields that are missing, unknown or wrong; all are named.
    """
    value = record.json()
    if not isinstance(value, dict):
        raise Reject('the request is not an object such as {"url": "https://…"}')
    errors = [error for name in value if (error := _error(name, value[name]))]
    if "url" not in value:
        errors.insert(0, {"field": "url", "detail": "missing"})
    if errors:
        names = ", ".join(str(error["field"]) for error in errors)
        raise Reject(
            f"the request has fields that are missing, unknown or wrong: {names}", errors=errors
        )
    return msgspec.convert(value, DetectionRequest)


def _error(name: str, value: Any) -> dict[str, str] | None:
    field = _FIELDS.get(name)
    if field is None:
        return {"field": name[:100], "detail": f"unknown; there are {', '.join(_FIELDS)}"}
    try:
        msgspec.convert(value, field.type)
    except msgspec.ValidationError as error:
        return {"field": name, "detail": str(error)}
    return None
