"""What is known by the id of a schema: each is asked for once, whoever needs it.

Threads that need a schema which is being asked for wait for that answer. That a schema is unknown
is remembered for a while, so that a flood of broken records is no flood of requests; that the
registry is away for a second, so that a batch does not wait for it with each record.
"""

import threading
import time
from collections.abc import Callable
from typing import Any, Generic, NamedTuple, TypeVar

from headrace.errors import HeadraceError
from headrace.payloads.schema import BadSchema, CannotRead, RegistryAway, SchemaId, UnknownSchema

MOST = 1_000
"""How many schemas, and how many failures, are kept."""

_SECONDS: dict[type[HeadraceError], float] = {
    UnknownSchema: 30,
    BadSchema: 30,
    CannotRead: 1,
    RegistryAway: 1,
}


Known = TypeVar("Known")


class _Failure(NamedTuple):
    kind: type[HeadraceError]
    message: str
    until: float


class SchemaCache(Generic[Known]):
    """What is known of schemas, by their ids.

    Args:
        load: finds it.
        clock: tells the time, in seconds.

    Attributes:
        ready: those that are there; to look is faster than to ask.
    """

    def __init__(
        self, load: Callable[[SchemaId], Known], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.ready: dict[SchemaId, Known] = {}
        self._load = load
        self._clock = clock
        self._failures: dict[SchemaId, _Failure] = {}
        self._flights: dict[SchemaId, threading.Lock] = {}
        self._lock = threading.Lock()

    def get(self, schema: SchemaId) -> Known:
        """Return what is known of a schema. Raises what `Registry.schema` raises."""
        found = self.ready.get(schema)
        if found is not None:
            return found
        with self._lock:
            flight = self._flights.setdefault(schema, threading.Lock())
        with flight:
            found = self.ready.get(schema)
            if found is None:
                self._raise_known(schema)
                found = self._ask(schema)
        return found

    def _ask(self, schema: SchemaId) -> Known:
        try:
            found = self._load(schema)
        except (UnknownSchema, BadSchema, CannotRead, RegistryAway) as error:
            until = self._clock() + _SECONDS[type(error)]
            self._keep(self._failures, schema, _Failure(type(error), str(error), until))
            raise
        else:
            self._keep(self.ready, schema, found)
            return found
        finally:
            with self._lock:
                self._flights.pop(schema, None)

    def _raise_known(self, schema: SchemaId) -> None:
        failure = self._failures.get(schema)
        if failure is not None and self._clock() < failure.until:
            with self._lock:
                self._flights.pop(schema, None)
            raise failure.kind(failure.message)

    def _keep(self, place: dict[SchemaId, Any], schema: SchemaId, kept: object) -> None:
        with self._lock:
            if len(place) >= MOST:
                del place[next(iter(place))]
            place[schema] = kept
