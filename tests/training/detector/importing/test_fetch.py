"""Downloads: resumed, bounded, and held to their digest."""

import hashlib

import pytest

from tests.support.http_server import LoopbackServer, QuietHandler
from training.detector.importing.fetch import FetchError, fetch

CONTENT = bytes(range(256)) * 2000  # 512,000 bytes
DIGEST = hashlib.sha256(CONTENT).hexdigest()


class Server(LoopbackServer):
    """Serves CONTENT with ranges; what goes wrong is set by the tests."""

    def __init__(self):
        super().__init__(Handler)
        self.requests = []
        self.breaks = []  # after how many bytes of the answer to hang up, request by request
        self.statuses = []  # what to answer instead, request by request
        self.content = CONTENT
        self.etag = '"one"'
        self.ranges = True
        self.tells_length = True
        self.location = None
        self.interim = b""  # what to say before each answer

    @property
    def url(self):
        return f"http://{self.address}/model.tar.gz?token=1"


class Handler(QuietHandler):
    protocol_version = "HTTP/1.0"

    def do_GET(self):
        server = self.server.owner
        server.requests.append(dict(self.headers))
        self.wfile.write(server.interim)
        status = server.statuses.pop(0) if server.statuses else 200
        if status != 200:
            self.send_response(status)
            if server.location:
                self.send_header("Location", server.location)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        body = self.ranged()
        hang_up = server.breaks.pop(0) if server.breaks else len(body)
        self.wfile.write(body[:hang_up])

    def ranged(self):
        server, wanted = self.server.owner, self.headers.get("Range")
        fresh = self.headers.get("If-Range") == server.etag
        start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted and fresh else 0
        if not server.ranges or not start:
            start = 0
        if start >= len(server.content):
            self.send_response(416)
            self.end_headers()
            return b""
        self.send_response(206 if start else 200)
        if start:
            end = len(server.content)
            self.send_header("Content-Range", f"bytes {start}-{end - 1}/{end}")
        if server.tells_length:
            self.send_header("Content-Length", str(len(server.content) - start))
        if server.etag:
            self.send_header("ETag", server.etag)
        self.end_headers()
        return server.content[start:]


@pytest.fixture
def server():
    with Server() as running:
        yield running


@pytest.fixture
def target(tmp_path):
    return tmp_path / "model"


def get(server, target, **changes):
    options = {"max_bytes": 1_000_000, "sha256": DIGEST, "pause_seconds": 0} | changes
    fetch(server.url, target, **options)


def only(target):
    return [path.name for path in target.parent.iterdir()] == [target.name]


def test_a_file_arrives_and_progress_is_told(server, target):
    told = []
    get(server, target, progress=lambda done, total: told.append((done, total)))
    assert target.read_bytes() == CONTENT
    assert told[-1] == (len(CONTENT), len(CONTENT))
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert only(target)


def test_interim_responses_are_not_the_answer(server, target):
    server.interim = (
        b"HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
    )
    server.breaks = [100_000]
    get(server, target)
    assert target.read_bytes() == CONTENT
    assert "Range" in server.requests[1]


def test_interim_responses_without_an_end_are_given_up(server, target):
    server.interim = b"HTTP/1.1 103 Early Hints\r\n\r\n" * 100
    with pytest.raises(FetchError, match="interim"):
        get(server, target)


def test_what_is_there_already_is_not_fetched(server, target):
    target.write_bytes(CONTENT)
    get(server, target, sha256=DIGEST.upper())
    assert server.requests == []


def test_what_is_there_but_differs_is_fetched(server, target):
    target.write_bytes(b"older")
    get(server, target)
    assert target.read_bytes() == CONTENT


def test_a_broken_transfer_goes_on_where_it_ended(server, target):
    server.breaks = [200_000, 100_000]
    get(server, target)
    assert target.read_bytes() == CONTENT
    ranges = [request.get("Range") for request in server.requests]
    assert ranges == [None, "bytes=200000-", "bytes=300000-"]
    assert only(target)


def test_the_next_run_goes_on_too(server, target):
    server.breaks = [100_000, 10, 10, 10, 10]
    with pytest.raises(FetchError, match="gave up after 5 attempts: 100040 of 512000 bytes"):
        get(server, target)
    assert not target.exists()
    get(server, target)
    assert server.requests[-1]["Range"] == "bytes=100040-"
    assert target.read_bytes() == CONTENT


def test_a_file_that_changed_meanwhile_is_begun_again(server, target):
    server.breaks, server.content, server.etag = [100_000], b"old" * 100_000, '"old"'
    server.statuses = [200, 403]
    with pytest.raises(FetchError, match="403"):
        get(server, target)
    server.content, server.etag = CONTENT, '"one"'
    get(server, target)
    assert server.requests[-1]["If-Range"] == '"old"'
    assert target.read_bytes() == CONTENT


@pytest.mark.parametrize(
    "trait", [{"etag": None}, {"etag": 'W/"weak"'}, {"ranges": False}], ids=["no", "weak", "ranges"]
)
def test_a_server_that_cannot_resume_is_asked_for_all(server, target, trait):
    for name, value in trait.items():
        setattr(server, name, value)
    server.breaks = [100_000]
    get(server, target)
    assert target.read_bytes() == CONTENT


def test_a_part_that_is_as_long_as_the_file_but_wrong_is_begun_again(server, target):
    part = target.with_name("model.part")
    part.write_bytes(b"x" * len(CONTENT))
    target.with_name("model.part.validator").write_text(server.etag)
    get(server, target)  # 416, then from the start
    assert target.read_bytes() == CONTENT


def test_a_passing_failure_is_tried_again(server, target):
    server.statuses = [503, 429]
    get(server, target)
    assert target.read_bytes() == CONTENT


def test_a_refusal_is_not(server, target):
    server.statuses = [404]
    with pytest.raises(FetchError, match="404"):
        get(server, target)
    assert len(server.requests) == 1


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
