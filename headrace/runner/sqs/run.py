"""Run a function on a queue."""

from contextlib import ExitStack
from typing import Any
from urllib.parse import urlencode

from headrace.log import Log
from headrace.runner.circle import given_up, refuse_a_circle, warn_of_a_circle
from headrace.runner.delivery.look import look_for_places
from headrace.runner.end_of_run import told_at_its_end
from headrace.runner.function.context import close
from headrace.runner.function.open import open_invoker
from headrace.runner.function.types import BuildEvent, Invoke
from headrace.runner.members.member import Member
from headrace.runner.monitoring.serving import Shown, serve
from headrace.runner.monitoring.stats import Stats
from headrace.runner.presence import find
from headrace.runner.settings import MappingSettings
from headrace.runner.sqs.check import check_for_queue
from headrace.runner.sqs.open import open_mapping
from headrace.runner.sqs.queue import Queue
from headrace.runner.sqs.settings import SqsSource, open_client, settled
from headrace.runner.sqs.start_warnings import warn
from headrace.runner.stop import Stop


def run_queue(
    handler: Any | None,
    source: SqsSource,
    settings: MappingSettings,
    stats: Stats,
    stop: Stop,
    log: Log,
    *,
    wait: bool,
    member: Member | None = None,
) -> None:
    """Run a function on a queue until `stop` says so. As `headrace.runner.run`, which calls it."""
    check_for_queue(source, settings)
    source = settled(source)
    client = open_client(source)

    def look() -> Queue:
        return Queue(client, source.queue, source.visibility_timeout)

    with ExitStack() as stack:
        queue = find(look, stop, log, wait=wait)
        if queue is None:
            return
        url = _sink_url(queue, source)
        places = given_up(settings) | {"on_success_url": source.on_success_url}
        refuse_a_circle(places, url, {}, f"queue that is read, {queue.name}")

        def open_invoke(build: BuildEvent) -> Invoke:
            if source.asynchronous:
                from headrace.runner.sqs.asynchronous.open import (  # noqa: PLC0415 - seldom asked
                    open_asynchronous,
                )

                invoke: Invoke = open_asynchronous(handler, source, settings)
            else:
                invoke = open_invoker(handler, build, settings)
            stack.callback(close, invoke)
            return invoke

        mapping = open_mapping(queue, source, settings, open_invoke, stats, stop, log)
        if member is None or member.is_first:
            warn(source, settings, queue, handler, log)
            warn_of_a_circle(handler, url, {}, log)
        if member is None:
            shown = Shown(queue.name, "SQS", url, {})
            stack.enter_context(serve(shown, settings, stats, mapping, log))
        look_at_places = look_for_places(handler, settings, {}, source.on_success_url)
        if not find(look_at_places, stop, log, wait=False):
            return
        with member.reporting(stats, mapping) if member else told_at_its_end(stats, log):
            mapping.run()


def _sink_url(queue: Queue, source: SqsSource) -> str:
    """Return the sink that writes to the queue."""
    _, _, _, region, account, name = queue.arn.split(":")
    endpoint = {"endpoint": source.endpoint_url} if source.endpoint_url else {}
    return f"sqs://{account}/{name}?{urlencode({'region': region, **endpoint})}"
