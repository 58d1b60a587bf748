"""Downloads: resumed, and held to their digest."""

import pytest

from tests.support.downloads import CONTENT, DIGEST, get
from training.detector.importing.fetch import FetchError


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
