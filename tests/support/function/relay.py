"""A stand-in for a function that lives in a test: a child process calls it back here."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Client, Connection, Listener
from typing import Any

from headrace.processing.outcomes import Outcomes


class StandIn:
    """Can be imported by another process, and hands all it gets to the function of the test."""

    def __init__(self, address: Any) -> None:
        self.address = address

    def worker(self) -> "StandIn":
        return self

    def run(self, records, deadline: float = float("inf")) -> Outcomes:
        return Outcomes(records, *self._ask("run", (records, deadline)))

    def __call__(self, event, context) -> Any:
        return self._ask("call", (event,))

    def _ask(self, verb: str, arguments: tuple) -> Any:
        with Client(self.address) as connection:
            connection.send((verb, arguments))
            answer = connection.recv()
        if isinstance(answer, Exception):
            raise answer
        return answer


@contextmanager
def relay(function: Any) -> Iterator[StandIn]:
    """Serve the function to child processes within the context."""
    with Listener() as listener:
        threading.Thread(target=_accept, args=(listener, function), daemon=True).start()
        yield StandIn(listener.address)


def _accept(listener: Listener, function: Any) -> None:
    while True:
        try:
            connection = listener.accept()
        except OSError:  # closed
            return
        threading.Thread(target=_answer, args=(connection, function), daemon=True).start()


def _answer(connection: Connection, function: Any) -> None:
    with connection:
        verb, arguments = connection.recv()
        try:
            if verb == "call":
                answer = function(*arguments)
            else:
                outcomes = function.run(*arguments)
                answer = outcomes.failures, outcomes.rejected
        except Exception as error:
            answer = error
        connection.send(answer)
