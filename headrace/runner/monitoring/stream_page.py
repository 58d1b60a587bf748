"""What people see of a run: the page's stream tab, and the test messages that it writes.

    /                  the page
    /stream            counts, partitions and the last dead letters, as JSON
    /stream/messages   takes a test message, if that is allowed

The reasons of dead letters may quote records: the page is served only if it is asked for, and an
API key keeps it from strangers.
"""

import time
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

import msgspec

from headrace import json_text
from headrace.errors import HeadraceError, Reject
from headrace.runner.monitoring.stats import Counts, PartitionStatus, Snapshot
from headrace.runner.monitoring.trial_messages import Write
from headrace.runner.monitoring.watched import Watched
from headrace.web.answer import Answer
from headrace.web.head import Head
from headrace.web.page.assets import page_routes
from headrace.web.route import Left, Route, plain

_JSON = (("content-type", "application/json"),)


class TrialMessage(msgspec.Struct, forbid_unknown_fields=True):
    """A message that somebody wants to see processed.

    Attributes:
        value: its text.
        key: its key; None: it has none.
    """

    value: str
    key: str | None = None


def stream_routes(name: str, kind: str, stats: Watched, write: Write | None) -> Mapping[str, Route]:
    """Return the page and what it asks.

    Args:
        name: of the mapping.
        kind: what is read, as people call it.
        stats: what has happened.
        write: writes a test message to the source; None: that is not allowed.
    """
    about = {"name": name, "source": kind, "may_write": write is not None}

    def look() -> Answer:
        return Answer(HTTPStatus.OK, _JSON, json_text.encode({**about, **told(stats)}))

    return {
        **page_routes("stream"),
        "/stream": Route("GET", plain(look)),
        "/stream/messages": Route("POST", _writes(write)),
    }


def told(stats: Watched) -> dict[str, Any]:
    """Return what the page shows of a run."""
    now = stats.snapshot()
    return {
        "counts": {name: getattr(now, name) for name in Counts.__struct_fields__},
        "partitions": [_partition(one, now) for one in now.partitions],
        "poll_age": now.poll_age,
        "dead_letters": msgspec.to_builtins(stats.dead_letters.latest_first()),
    }


def _partition(one: PartitionStatus, now: Snapshot) -> dict[str, Any]:
    since = one.in_flight_since
    return {
        "name": one.name,
        "lag": now.lag.get(one.name),
        "age": now.age.get(one.name),
        "waiting": one.buffered,
        "parked": one.parked,
        "in_flight": one.in_flight,
        "since": None if since is None else time.monotonic() - since,
        "committed": one.committed,
        "tries": one.tries,
    }


def _writes(write: Write | None) -> Callable[[Head, bytes, Left], Any]:
    async def respond(head: Head, body: bytes, left: Left) -> Answer:
        del head, left
        if write is None:
            detail = "writing is off: HEADRACE_HTTP_PRODUCE allows it"
            raise Reject(detail, status=HTTPStatus.FORBIDDEN)
        try:
            message = msgspec.json.decode(body, type=TrialMessage)
        except (msgspec.DecodeError, UnicodeError) as error:
            raise Reject(f"this is no message: {error}") from None
        try:
            await write(message.value, message.key)
        except HeadraceError as error:
            raise Reject(str(error), status=HTTPStatus.BAD_GATEWAY) from None
        return Answer(HTTPStatus.NO_CONTENT, (), b"")

    return respond
