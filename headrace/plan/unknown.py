"""What a template says and the runner cannot use as it stands, mostly since only AWS knows it."""

from dataclasses import dataclass
from typing import Any

NO_VALUE = object()  # `!Ref AWS::NoValue`: as if it were not written


@dataclass(frozen=True)
class Unknown:
    """A value that only the service knows: a resource's ARN, an export of another stack.

    Attributes:
        text: how the template says it, in short form.
        resource: the logical name of the resource whose value it is, if it is a resource's.
        why: why it cannot be used, as the end of a sentence that begins with `text`.
    """

    text: str
    resource: str | None = None
    why: str = "is known on AWS only"

    def __str__(self) -> str:
        return self.text


def find_unknown(value: Any) -> Unknown | None:
    """Return the first Unknown inside a resolved value."""
    if isinstance(value, Unknown):
        return value
    if not isinstance(value, dict | list):
        return None
    children = value.values() if isinstance(value, dict) else value
    return next((found for child in children if (found := find_unknown(child))), None)


def plain(value: Any) -> Any:
    """Return a scalar as the text that CloudFormation makes of it; anything else unchanged."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int | float) else value
