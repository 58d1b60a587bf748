"""How the body of a request is read: what is asked of the server, and how often."""

import asyncio

import pytest

from headrace.errors import Reject
from headrace.web.body import Bodies, ClientGone


class Pieces:
    """What a server hands over: pieces, and an empty one at the end, as Granian does."""

    def __init__(self, *pieces, ends=True):
        self.left = [*pieces, b""] if ends else [*pieces]
        self.ends = ends
        self.asked = 0

    async def __call__(self):
        self.asked += 1
        if not self.left:
            await asyncio.Event().wait()
        piece = self.left.pop(0)
        if piece is None:
            return {"type": "http.disconnect"}
        more = bool(self.left) or not self.ends
        return {"type": "http.request", "body": piece, "more_body": more}


def read(pieces, length, *, most=100, total=100, seconds=5.0):
    return asyncio.run(Bodies(most=most, total=total, seconds=seconds).read(length, pieces))


def test_a_body_of_a_known_length_is_asked_for_once():
    pieces = Pieces(b"abc")

    assert read(pieces, 3) == b"abc"
    assert pieces.asked == 1


def test_all_pieces_of_a_known_length_are_read():
    pieces = Pieces(b"ab", b"c", b"def")

    assert read(pieces, 6) == b"abcdef"
    assert pieces.asked == 3


def test_without_a_length_the_end_is_waited_for():
    pieces = Pieces(b"ab", b"c")

    assert read(pieces, None) == b"abc"
    assert pieces.asked == 3


def test_without_a_body_nothing_is_asked_for():
    pieces = Pieces()

    assert read(pieces, 0) == b""
    assert pieces.asked == 0


def test_a_body_that_ends_early_has_no_answer():
    with pytest.raises(ClientGone):
        read(Pieces(b"ab", None), 3)


def test_a_body_that_stays_away_is_refused_in_time():
    with pytest.raises(Reject, match=r"within 0\.05 seconds") as refused:
        read(Pieces(b"ab", ends=False), 3, seconds=0.05)

    assert refused.value.status == 408


def test_what_was_read_of_a_refused_body_makes_room_again():
    async def twice():
        bodies = Bodies(most=100, total=100, seconds=0.05)
        with pytest.raises(Reject):
            await bodies.read(90, Pieces(b"a" * 80, ends=False))
        return await bodies.read(90, Pieces(b"b" * 90))

    assert asyncio.run(twice()) == b"b" * 90
