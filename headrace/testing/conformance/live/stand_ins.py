"""The adapters: each starts what it runs on, and ends it when it is closed."""

import os
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest import mock

from headrace.testing.brokers.elasticmq import ElasticMq
from headrace.testing.conformance.live.adapter import LiveAdapter
from headrace.testing.conformance.live.kafka import Broker
from headrace.testing.conformance.live.place import Place
from headrace.testing.conformance.live.queues import QueueLive
from headrace.testing.conformance.live.source import LiveSource, Make
from headrace.testing.conformance.live.streams import KinesisLive, TableLive
from headrace.testing.conformance.requirement import Requirement
from headrace.testing.conformance.stand_ins.ministack import MiniStackServer
from headrace.testing.kafka import real_kafka
from headrace.testing.moto_server import aws_environment, embedded_kinesis

_KINDS: Mapping[str, Callable[[Place, Requirement, Path], LiveSource]] = {
    "kinesis": KinesisLive,
    "dynamodb": TableLive,
    "sqs": QueueLive,
    "fifo": QueueLive,
}
_QUEUES = ("sqs", "fifo")


class _Started(LiveAdapter):
    """An adapter with what it runs on."""

    def __init__(
        self, name: str, makers: Mapping[str, Make], stack: ExitStack, **more: Any
    ) -> None:
        super().__init__(name, makers, **more)
        self._stack = stack

    def close(self) -> None:
        """End what was started."""
        self._stack.close()


class OnKafka(_Started):
    """On a real Apache Kafka."""

    def __init__(self) -> None:
        stack = ExitStack()
        broker = stack.enter_context(real_kafka(_folder(stack)))
        makers = {"kafka": Broker(broker.bootstrap).make}
        super().__init__("on Kafka", makers, stack, gives_ages=True)


class OnMoto(_Started):
    """On moto's server."""

    def __init__(self) -> None:
        stack = ExitStack()
        endpoint = stack.enter_context(embedded_kinesis())
        super().__init__("on Moto", makers_on(_place(stack, endpoint)), stack)


class OnMiniStack(_Started):
    """On a server of MiniStack."""

    def __init__(self) -> None:
        stack = ExitStack()
        server = MiniStackServer(_folder(stack))
        stack.callback(server.kill)
        super().__init__("on MiniStack", makers_on(_place(stack, server.endpoint)), stack)


class OnElasticMq(_Started):
    """On ElasticMQ, which has queues."""

    def __init__(self) -> None:
        stack = ExitStack()
        server = stack.enter_context(ElasticMq(_folder(stack)))
        place = _place(stack, server.endpoint, ("sqs",))
        super().__init__("on ElasticMQ", makers_on(place, _QUEUES), stack)


def makers_on(place: Place, sources: tuple[str, ...] = tuple(_KINDS)) -> dict[str, Make]:
    """Return what makes sources on a stand-in."""

    def maker(kind: Callable[[Place, Requirement, Path], LiveSource]) -> Make:
        return lambda requirement, folder, _: kind(place, requirement, folder)

    return {name: maker(_KINDS[name]) for name in sources}


def _folder(stack: ExitStack) -> Path:
    made = TemporaryDirectory(prefix="conformance-", ignore_cleanup_errors=True)
    return Path(stack.enter_context(made))


def _place(stack: ExitStack, endpoint: str, *services: tuple[str, ...]) -> Place:
    """Return a stand-in, to which the variables of AWS point until it is ended."""
    stack.enter_context(mock.patch.dict(os.environ, aws_environment(endpoint)))
    return Place(endpoint, *services)
