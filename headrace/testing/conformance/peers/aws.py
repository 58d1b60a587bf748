"""An adapter for whatever has the API of AWS: sources, function and mapping are made through it."""

import json
import time
import uuid
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from botocore.exceptions import ClientError, ParamValidationError

from headrace.testing.conformance.arrivals import Arrivals
from headrace.testing.conformance.enough import is_too_little, is_too_much
from headrace.testing.conformance.events import entries
from headrace.testing.conformance.function import ScriptedFunction
from headrace.testing.conformance.given import Script
from headrace.testing.conformance.observed import Invocation, Observed
from headrace.testing.conformance.peers.asking import check, failures_of, properties_of
from headrace.testing.conformance.requirement import QUEUES, Requirement
from headrace.testing.conformance.stand_ins.refusal import taken
from headrace.testing.conformance.stand_ins.sources import (
    SOURCES,
    VISIBLE_AGAIN_SECONDS,
    Client,
    QueueSource,
    Source,
)

_TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "lambda.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}
_LONGEST_SECONDS = 80.0
# What is expected is given more time than what is not: a busy machine is slow to start functions.
_LATE_SECONDS = 12.0


class Functions(Protocol):
    """Where functions are served."""

    def code(self) -> bytes:
        """Return the archive of the function to deploy."""
        ...

    def serve(self, name: str, function: Callable[[Any], Any]) -> None:
        """Have a function called under a name."""
        ...


class AwsAdapter:
    """Runs requirements through the API of AWS, on the real clock.

    Args:
        name: of the column.
        client: makes a boto3 client of a service.
        functions: where functions are served.
        polls: the mapping polls: what was there before it is delivered, and it is waited for.
        quiet: it is at rest if nothing was delivered for so many seconds.
    """

    def __init__(
        self, name: str, client: Client, functions: Functions, *, polls: bool, quiet: float
    ) -> None:
        self.name = name
        self._client = client
        self._functions = functions
        self._polls = polls
        self._quiet = quiet

    def run(self, requirement: Requirement) -> Observed:
        """Run a requirement. Raises Unsupported."""
        check(requirement)
        name = f"c-{uuid.uuid4().hex[:12]}"
        source = SOURCES[requirement.source](self._client, name, requirement)
        failures = self._queue(f"{name}-failures")
        began = time.monotonic()
        function = ScriptedFunction(requirement, lambda: time.monotonic() - began)
        self._functions.serve(name, function)
        arrivals = Arrivals(requirement, source.write)
        if self._polls:
            _write(arrivals)
        self._client("lambda").create_function(
            FunctionName=name,
            Runtime="python3.12",
            Role=self._role(name),
            Handler="index.handler",
            Timeout=VISIBLE_AGAIN_SECONDS,
            Code={"ZipFile": self._functions.code()},
        )
        try:
            return self._mapped(name, requirement, source, failures, arrivals, function)
        finally:  # MiniStack keeps a process for each
            self._client("lambda").delete_function(FunctionName=name)

    def _mapped(
        self,
        name: str,
        requirement: Requirement,
        source: Source,
        failures: str,
        arrivals: Arrivals,
        function: ScriptedFunction,
    ) -> Observed:
        client = self._client("lambda")
        try:
            properties = properties_of(requirement, self._arn(failures))
            mapping = client.create_event_source_mapping(
                FunctionName=name, EventSourceArn=source.arn, **properties
            )
        except (ClientError, ParamValidationError, ValueError) as error:  # moto raises the last
            return Observed(refused=str(error))
        self._wait(requirement, arrivals, function, time.monotonic())
        client.delete_event_source_mapping(UUID=mapping["UUID"])
        return self._observed(requirement, source, failures, function)

    def _wait(
        self, requirement: Requirement, arrivals: Arrivals, function: ScriptedFunction, began: float
    ) -> None:
        count, since = 0, began
        while (now := time.monotonic()) - began < _LONGEST_SECONDS:
            arrivals.until(now - began)
            found = function.invocations[:]
            if len(found) != count or arrivals.next_at is not None:
                count, since = len(found), now
            if now - since > self._patience(requirement, found) or is_too_much(requirement, found):
                return
            time.sleep(0.05)

    def _patience(self, requirement: Requirement, found: Sequence[Invocation]) -> float:
        """How many seconds without a delivery are the end."""
        if not self._polls:
            return self._quiet
        window = float(min(requirement.mapping.get("MaximumBatchingWindowInSeconds", 0), 20))
        comes_again = requirement.source in QUEUES and requirement.function != Script()
        slow = _LATE_SECONDS * is_too_little(requirement, found)
        return self._quiet + max(window, VISIBLE_AGAIN_SECONDS * comes_again) + slow

    def _observed(
        self, requirement: Requirement, source: Source, failures: str, function: ScriptedFunction
    ) -> Observed:
        names = requirement.names()
        observed = Observed(
            invocations=function.invocations,
            most_at_once=function.most_at_once,
            positions=None,
        )
        if isinstance(source, QueueSource):
            patience = 2.0 if self._polls else 0.1
            left = source.bodies(source.url, patience)
            dead = [] if source.dead is None else source.bodies(source.dead, patience)
            observed.left = [names.get(body, body) for body in left]
            observed.dead = [names.get(body, body) for body in dead]
            return observed
        for invocation in function.invocations:
            for entry in entries(invocation.event):
                source.numbers.setdefault(entry.identifier, names.get(entry.payload, entry.payload))
        if "DestinationConfig" in requirement.mapping:
            observed.failures = [*failures_of(self._received(failures), source.numbers)]
        return observed

    def _role(self, name: str) -> str:
        trust = json.dumps(_TRUST)
        told = self._client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=trust)
        return str(told["Role"]["Arn"])

    def _queue(self, name: str) -> str:
        return str(self._client("sqs").create_queue(QueueName=name)["QueueUrl"])

    def _arn(self, url: str) -> str:
        told = self._client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        return str(told["Attributes"]["QueueArn"])

    def _received(self, url: str) -> list[dict[str, Any]]:
        answer = self._client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10)
        return [json.loads(message["Body"]) for message in answer.get("Messages", ())]


def _write(arrivals: Arrivals) -> None:
    """Write what is there before the mapping. Raises Unsupported."""
    with taken("record"):
        arrivals.until(0)
