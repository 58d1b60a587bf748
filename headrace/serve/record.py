"""A request as a record, without the event that API Gateway would make of it in between."""

from urllib.parse import parse_qsl

from headrace.record import Headers, Record, RequestPosition
from headrace.request import Request, read_cookies
from headrace.sources.base import utf8
from headrace.web.head import Head, joined


def record_of(head: Head, body: bytes) -> Record:
    """Return the record that a worker gets; the same as that of the request's event."""
    cookies = head.values("cookie")
    request = Request(
        method=head.method,
        path=head.path,
        query=tuple(parse_qsl(head.query, keep_blank_values=True)) if head.query else (),
        cookies=read_cookies(cookies) if cookies else {},
        client_certificate=head.certificate,
    )
    position = RequestPosition(head.request_id)
    return Record("http", position, body or None, None, _headers(head, cookies), request=request)


def _headers(head: Head, cookies: list[str]) -> Headers:
    pairs = joined(head.headers)
    if cookies:
        del pairs["cookie"]
        parts = [cookie.strip() for cookie in ";".join(cookies).split(";")]
        pairs["cookie"] = "; ".join(parts)
    return tuple([(name, utf8(value)) for name, value in pairs.items()])
