"""A line for each request: how many are written at once, and when there is none."""

import asyncio
import contextlib

import pytest

from headrace.serve import access_log
from headrace.serve.access_log import AccessLog
from headrace.web.answer import Answer
from headrace.web.head import Head


class Lines:
    """A log that keeps what it is told, and how much of it together."""

    def __init__(self):
        self.together = []

    @contextlib.contextmanager
    def at_once(self):
        self.together.append([])
        yield

    def info(self, message, /, **fields):
        assert message == "request"
        self.together[-1].append(fields)


@pytest.fixture
def lines(monkeypatch):
    found = Lines()
    monkeypatch.setattr(access_log, "lines_at_once", found.at_once)
    return found


def head(path):
    return Head("POST", path, "", "HTTP/1.1", (), "10.0.0.1", "id-1")


async def answer(log, *rounds):
    for paths in rounds:
        for path in paths:
            log.add(head(path), Answer(200, (), b"abc"), 0.0123)
        await asyncio.sleep(0)
        await asyncio.sleep(0)


def test_what_is_answered_at_once_is_written_at_once_and_in_order(lines):
    asyncio.run(answer(AccessLog(lines, "INFO"), ("/a", "/b"), ("/c",)))

    assert [[one["path"] for one in some] for some in lines.together] == [["/a", "/b"], ["/c"]]


def test_a_line_says_what_was_asked_and_answered(lines):
    asyncio.run(answer(AccessLog(lines, "DEBUG"), ("/a",)))

    assert lines.together == [
        [
            {
                "method": "POST",
                "path": "/a",
                "status": 200,
                "milliseconds": 12.3,
                "bytes": 3,
                "client": "10.0.0.1",
                "request_id": "id-1",
            }
        ]
    ]


def test_with_a_level_above_these_lines_nothing_is_noted(lines):
    asyncio.run(answer(AccessLog(lines, "WARNING"), ("/a",)))

    assert lines.together == []
