"""The function of a requirement: does what its script says, and notes what it was given.

An answer of a script is one of:
- `ok`: success;
- `error`: it raises;
- `throttle`: the service refuses the invocation;
- `{reports: [a, b]}`: a partial response that names these records;
- `{items: […]}`: a partial response with these items; an item `{record: a}` names a record;
- `{response: …}`: any response.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from headrace.testing.conformance.events import entries
from headrace.testing.conformance.observed import Invocation
from headrace.testing.conformance.requirement import Requirement

_MEETING_SECONDS = 10.0


class ScriptedError(Exception):
    """Raised by the function, as its script says."""


class Refused(Exception):
    """The service refuses the invocation: the function was not called."""


class ScriptedFunction:
    """Takes events, from several threads if need be.

    Args:
        requirement: says what to do.
        clock: tells the seconds since the mapping began.
        refuse: raises what the mapping takes for a throttle.

    Attributes:
        invocations: what came, in order.
        most_at_once: how many ran at once, at most.
    """

    def __init__(
        self,
        requirement: Requirement,
        clock: Callable[[], float],
        refuse: Callable[[], Exception] = Refused,
    ) -> None:
        self.invocations: list[Invocation] = []
        self.most_at_once = 0
        self._script = requirement.function
        self._names = requirement.names()
        self._keeps_state = "TumblingWindowInSeconds" in requirement.mapping
        self._clock = clock
        self._refuse = refuse
        self._lock = threading.Lock()
        self._now = 0
        self._calls = 0
        self._seen: Counter[str] = Counter()
        self._meeting = threading.Barrier(max(1, self._script.together), timeout=_MEETING_SECONDS)

    def __call__(self, event: Any, context: Any = None) -> Any:
        """Answer an event. Raises what the script says."""
        del context
        found = {self._names.get(e.payload, e.payload): e.identifier for e in entries(event)}
        with self._lock:
            answer = self._answer(found)
            if answer == "throttle":
                raise self._refuse()
            number = len(self.invocations)
            begun = self._clock()
            self.invocations.append(Invocation(event=event, records=list(found), begun=begun))
            self._now += 1
            self.most_at_once = max(self.most_at_once, self._now)
        try:
            if number < self._script.together:
                self._meeting.wait()
            time.sleep(self._script.seconds)
            return self._response(answer, found, event)
        finally:
            with self._lock:
                self._now -= 1

    def take_throttles(self) -> int:
        """Return how many throttles the script begins with, and leave them to the caller."""
        answers = self._script.answers
        count = next((n for n, a in enumerate(answers) if a != "throttle"), len(answers))
        self._calls += count
        return count

    def _answer(self, found: Mapping[str, Any]) -> Any:
        self._calls += 1
        answers, script = self._script.answers, self._script
        if self._calls <= len(answers):
            return answers[self._calls - 1]
        self._seen.update([*found])  # not their identifiers
        if any(self._is_due(script.fails, name) for name in found):
            return "error"
        reported = [name for name in found if self._is_due(script.reports, name)]
        return {"reports": reported} if reported else "ok"

    def _is_due(self, times: Mapping[str, int], name: str) -> bool:
        return name in times and (times[name] < 0 or self._seen[name] <= times[name])

    def _response(self, answer: Any, found: Mapping[str, Any], event: Any) -> Any:
        if answer == "error":
            raise ScriptedError("as the script says")
        response: Any = None
        if isinstance(answer, dict):
            if "response" in answer:
                return answer["response"]
            given = answer.get("items") or [{"record": name} for name in answer["reports"]]
            response = {"batchItemFailures": [_item(item, found) for item in given]}
        if not self._keeps_state or not self._script.keeps_state:
            return response
        done = int(event["state"].get("count", 0)) + len(found)
        return {**(response or {}), "state": {"count": done}}


def _item(item: Any, found: Mapping[str, Any]) -> Any:
    if isinstance(item, dict) and item.keys() == {"record"}:
        return {"itemIdentifier": found[item["record"]]}
    return item
