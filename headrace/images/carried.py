"""A picture that a request carries itself: as its body, or as a file in a form."""

import io
from typing import NamedTuple

from headrace.errors import Reject
from headrace.extras import needs
from headrace.record import Record

MEDIA_TYPES = ("image/jpeg", "image/png", "image/webp", "image/gif")
FORM = "multipart/form-data"

_MOST_PARTS = 32


class Carried(NamedTuple):
    """A picture, and what is asked about it.

    Attributes:
        picture: The bytes of the file, not yet checked.
        fields: Other fields of the form, and parameters of the query.
    """

    picture: bytes
    fields: dict[str, str]


def carried_picture(record: Record) -> Carried | None:
    """Return the picture that a record's request carries; None if it carries none.

    Raises:
        Reject: Its content type promises a picture, and there is none, or several.
        HeadraceError: It is a form, and what reads forms is not installed.
    """
    if record.request is None:
        return None
    content_type = _content_type(record)
    kind = content_type.partition(";")[0].strip().lower()
    if kind != FORM and not kind.startswith("image/"):
        return None
    if record.value is None:
        raise Reject("the request has no body")
    fields = dict(record.request.query)
    if kind.startswith("image/"):
        return Carried(record.value, fields)
    return _of_form(record.value, content_type, fields)


def _content_type(record: Record) -> str:
    found = (value for name, value in record.headers if name == "content-type")
    return next(found, b"").decode("latin-1")


def _of_form(body: bytes, content_type: str, fields: dict[str, str]) -> Carried:
    try:
        from multipart import (  # noqa: PLC0415 - few requests are forms
            MultipartError,
            MultipartParser,
            parse_options_header,
        )
    except ModuleNotFoundError as error:
        raise needs("images", error) from None
    boundary = parse_options_header(content_type)[1].get("boundary", "")
    if not boundary:
        raise Reject("the form's content type has no boundary")
    pictures = []
    size = len(body) + 1
    try:
        parser = MultipartParser(
            io.BytesIO(body),
            boundary,
            strict=True,
            part_limit=_MOST_PARTS,
            spool_limit=size,
            memory_limit=size,
        )
        for part in parser:
            if part.filename is None:
                # Not its `value`: the client says which codec that takes, and some take minutes.
                fields[part.name] = part.raw.decode()
            else:
                pictures.append(part.raw)
    except (MultipartError, ValueError) as error:
        raise Reject(f"the form cannot be read: {error}") from None
    if len(pictures) != 1:
        raise Reject(f"the form holds {len(pictures)} files: exactly one is needed")
    return Carried(pictures[0], fields)
