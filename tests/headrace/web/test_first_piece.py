"""The first message of a body, asked for before the application asks."""

import pytest

from headrace.web.first_piece import FirstPiece, arrived


class Message:
    """What Granian returns where it is asked."""

    def __init__(self, found=None):
        self.found = found
        self.cancelled = False

    def done(self):
        return self.found is not None

    def result(self):
        return self.found

    def cancel(self):
        self.cancelled = True


def test_what_nobody_has_asked_for_is_let_go():
    messages = [Message(), Message()]
    asked = iter(messages)
    unread, read = FirstPiece(asked.__next__), FirstPiece(asked.__next__)
    assert read() is messages[1]

    unread.close()
    read.close()

    assert [one.cancelled for one in messages] == [True, False]


def test_what_has_arrived_is_taken_once():
    messages = [Message({"body": b"a"}), Message({"body": b"b"})]
    receive = FirstPiece(iter(messages).__next__)

    assert arrived(receive) == {"body": b"a"}
    assert arrived(receive) is None
    assert receive() is messages[1]


def test_what_is_on_its_way_is_waited_for():
    messages = [Message(), Message()]
    receive = FirstPiece(iter(messages).__next__)

    assert arrived(receive) is None
    assert receive() is messages[0]


def test_of_what_was_asked_for_nothing_is_taken():
    messages = [Message({"body": b"a"}), Message({"body": b"b"})]
    receive = FirstPiece(iter(messages).__next__)
    receive()

    assert arrived(receive) is None


def test_another_receive_has_nothing():
    assert arrived(lambda: pytest.fail("it was asked")) is None
