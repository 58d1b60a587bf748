"""Forms that carry a picture: what a client says of their fields is not believed."""

import time

import pytest

from headrace import Reject
from headrace.images.carried import carried_picture
from headrace.record import Record, RequestPosition
from headrace.request import Request


def form(charset, field):
    body = (
        b'--b\r\nContent-Disposition: form-data; name="classes"\r\n'
        b"Content-Type: text/plain; charset=" + charset + b"\r\n\r\n" + field + b"\r\n"
        b'--b\r\nContent-Disposition: form-data; name="p"; filename="p.png"\r\n\r\n'
        b"picture\r\n--b--\r\n"
    )
    headers = (("content-type", b"multipart/form-data; boundary=b"),)
    return Record("http", RequestPosition("r"), body, None, headers, request=Request())


@pytest.mark.parametrize("charset", [b"utf-8", b"nope", b"zip", b"punycode", b"utf-16"])
def test_a_field_is_utf_8_whatever_it_says(charset):
    found = carried_picture(form(charset, "кот".encode()))
    assert (found.picture, found.fields) == (b"picture", {"classes": "кот"})


def test_a_codec_that_takes_minutes_is_not_the_client_s_choice():
    begun = time.process_time()
    carried_picture(form(b"punycode", b"a" * 2_000_000 + b"-" + b"a" * 200_000))
    assert time.process_time() - begun < 1


def test_a_field_that_is_no_text_is_refused():
    with pytest.raises(Reject, match="the form cannot be read"):
        carried_picture(form(b"latin-1", b"\xff"))
