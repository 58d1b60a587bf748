"""Downloads: bounded, and from no other place or kind of URL than was said."""

import pytest

from tests.support.downloads import CONTENT, DIGEST, get
from training.detector.importing.fetch import FetchError, fetch


def test_another_digest_is_refused_and_nothing_is_kept(server, target):
    with pytest.raises(FetchError, match=f"sha256 is {DIGEST}, expected 0000"):
        get(server, target, sha256="0" * 64)
    assert list(target.parent.iterdir()) == []


@pytest.mark.parametrize("tells_length", [True, False])
def test_a_file_over_the_limit_is_refused(server, target, tells_length):
    server.tells_length = tells_length
    with pytest.raises(FetchError, match="more than the 100000"):
        get(server, target, max_bytes=100_000)
    assert not target.exists()
    assert sum(path.stat().st_size for path in target.parent.iterdir()) <= 100_000


def test_a_file_of_exactly_the_limit_is_taken(server, target):
    get(server, target, max_bytes=len(CONTENT))
    assert target.read_bytes() == CONTENT


def test_redirects_are_followed(server, target):
    server.statuses, server.location = [302], server.url + "&again=1"
    get(server, target)
    assert target.read_bytes() == CONTENT


@pytest.mark.parametrize("location", ["file:///etc/passwd", "ftp://127.0.0.1/x"])
def test_redirects_lead_to_no_other_kind_of_url(server, target, location):
    server.statuses, server.location = [302] * 5, location
    with pytest.raises(FetchError):
        get(server, target)
    assert not target.exists()


@pytest.mark.parametrize(
    ("url", "sha256"),
    [
        ("http://127.0.0.1/x", None),
        ("file:///etc/passwd", DIGEST),
        ("ftp://h/x", DIGEST),
        ("x", DIGEST),
    ],
)
def test_only_https_or_http_with_a_digest(target, url, sha256):
    with pytest.raises(FetchError, match="only https"):
        fetch(url, target, max_bytes=1, sha256=sha256)


def test_nobody_listening(target):
    with pytest.raises(FetchError, match="gave up after 5 attempts"):
        fetch("http://127.0.0.1:1/x", target, max_bytes=1, sha256=DIGEST, pause_seconds=0)
