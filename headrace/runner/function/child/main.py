"""A child process that hosts the function, so that an invocation can be ended from outside.

`python -m headrace.runner.function.child.main FD`: the socket's other end is the runner's. The
runner ends the child in order with an empty frame; if it dies itself, the child ends at once,
whatever the function is doing: another runner may already have its records.
"""

import faulthandler
import os
import pickle
import select
import signal
import socket
import sys
import threading
import time
from pathlib import Path
from typing import Any

from headrace.forks import keep_from_others, let_sigterm_end_forks
from headrace.log import log_libraries
from headrace.runner.function.child.channel import Channel
from headrace.runner.function.child.wire import (
    Answer,
    Problem,
    Ready,
    Request,
    Response,
    RunRecords,
    decode_request,
    describe,
    encode,
    settle,
)
from headrace.runner.function.context import Context, close, name_of, set_up
from headrace.standard_streams import prepare


def main(descriptor: int) -> None:
    """Set the function up, then take one invocation after the other."""
    for number in (signal.SIGINT, signal.SIGTERM):
        # The runner drains when it gets them. A handler, unlike SIG_IGN, is not inherited by what
        # the function starts.
        signal.signal(number, lambda *_: None)
    let_sigterm_end_forks()
    keep_from_others(descriptor)
    faulthandler.register(signal.SIGALRM, chain=True)
    threading.Thread(target=_end_with_the_runner, args=(descriptor,), daemon=True).start()
    channel = Channel(socket.socket(fileno=descriptor))
    prepare()
    log_libraries()
    try:
        function = pickle.loads(channel.receive())  # noqa: S301 - from who started this process
        set_up(function)
    except Exception as error:  # noqa: BLE001 - the runner says it, and ends
        from headrace.loading_errors import described  # noqa: PLC0415 - a start needs it seldom

        channel.send(encode(Problem(type(error).__name__, described(error, [Path.cwd()]))))
        return
    channel.send(encode(Ready()))
    while frame := channel.receive():
        channel.send(_answer(function, frame))
    close(function)


def _end_with_the_runner(descriptor: int) -> None:
    poll = select.poll()
    poll.register(descriptor, 0)  # nothing but the end of the connection
    poll.poll()
    os.killpg(0, signal.SIGKILL)  # with whatever the function has started


def _answer(function: Any, frame: bytes) -> bytes:
    try:
        request, deadline = decode_request(frame)
        # The alarm ends this process, and says where each of its threads stands: without the
        # interpreter, which may be in the hands of code that never gives it back.
        signal.setitimer(signal.ITIMER_REAL, max(0.001, deadline - time.monotonic()))
        return encode(_invoke(function, request, deadline))
    except Exception as error:  # noqa: BLE001 - the invocation failed, not this process
        return encode(describe(error))
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _invoke(function: Any, request: Request, deadline: float) -> Answer:
    if isinstance(request, RunRecords):
        return settle(function.run(request.records, deadline))
    return Response(function(request.event, Context(name_of(function), deadline)))


if __name__ == "__main__":
    main(int(sys.argv[1]))
