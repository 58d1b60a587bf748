"""Put a mapping together from its settings and run it."""

import sys
from contextlib import ExitStack
from typing import Any

from headrace import log as telemetry
from headrace.errors import SettingsError
from headrace.runner.circle import warn_of_a_circle
from headrace.runner.delivery.deliver import Deliverer
from headrace.runner.delivery.limits import RetryLimits
from headrace.runner.delivery.look import look_for_places
from headrace.runner.delivery.open_destination import open_destination
from headrace.runner.end_of_run import told_at_its_end
from headrace.runner.function.context import close, name_of
from headrace.runner.mapping import EventSourceMapping
from headrace.runner.members.member import Member
from headrace.runner.monitoring.serving import serve
from headrace.runner.monitoring.stats import Stats
from headrace.runner.opening import Opened, look_for
from headrace.runner.own_handler import own_handler
from headrace.runner.presence import find
from headrace.runner.settings import MappingSettings
from headrace.runner.source_settings import Source, kind_of
from headrace.runner.sqs.settings import SqsSource
from headrace.runner.start_warnings import warn
from headrace.runner.stop import Stop
from headrace.runner.way import open_way

# Handler threads hand each other the interpreter, and beside a slow handler the source is polled;
# with the default of 5 ms they would mostly wait for it.
_SWITCH_SECONDS = 0.001


def run(
    handler: Any | None,
    source: Source,
    settings: MappingSettings = MappingSettings(),  # noqa: B008 - frozen
    *,
    stats: Stats | None = None,
    stop: Stop | None = None,
    wait: bool = False,
    member: Member | None = None,
) -> None:
    """Run a function on what a source brings until `stop` says so.

    Args:
        handler: a worker's handler, or a function of (event, context); None if the settings say
            where the function is.
        source: what is read.
        settings: how records come to the function.
        stats: counts what happens, for whoever wants to see it.
        stop: says when to end; without it, the run ends with the process.
        wait: if the source is not there at the start, wait for it; if not, give up after ten
            seconds.
        member: tells a supervisor how this process stands, in place of the port and the last line.

    Raises:
        SettingsError: A setting is wrong, or the source is not there; found at the start.
        NotCommitted: What is done could not be committed in the end: it will come again.
    """
    settings.check()
    settings.check_source(kind_of(source))
    if settings.processes > 1 and member is None:
        raise SettingsError("HEADRACE_PROCESSES is for the command `headrace run`")
    stats, stop = stats or Stats(), stop or Stop()
    sys.setswitchinterval(_SWITCH_SECONDS)
    log = telemetry.logger("runner", settings.log_level)
    with ExitStack() as stack:
        handler = stack.enter_context(own_handler(handler))
        if isinstance(source, SqsSource):
            from headrace.runner.sqs.run import run_queue  # noqa: PLC0415 - only for a queue

            run_queue(handler, source, settings, stats, stop, log, wait=wait, member=member)
            return
        opened = find(look_for(handler, source, settings, stack), stop, log, wait=wait)
        if opened is not None:
            mapping = _compose(handler, opened, settings, stats, stop, log, stack, member)
            if member is None:
                stack.enter_context(serve(opened.shown, settings, stats, mapping, log))
            places = look_for_places(handler, settings, opened.connection)
            if find(opened.look, stop, log, wait=wait) and find(places, stop, log, wait=False):
                tells = member.reporting(stats, mapping) if member else told_at_its_end(stats, log)
                with tells:
                    mapping.run()


def _compose(
    handler: Any | None,
    source: Opened,
    settings: MappingSettings,
    stats: Stats,
    stop: Stop,
    log: telemetry.Log,
    stack: ExitStack,
    member: Member | None,
) -> EventSourceMapping:
    function = settings.function or name_of(handler)
    destination = open_destination(settings, source.build, function, source.name, source.connection)
    stack.callback(close, destination)
    way = open_way(handler, source.poller, source.build, settings, source.kind)
    stack.callback(close, way.invoke)
    if settings.event_record_format is not None:
        from headrace.runner.schemas.opening import open_checking  # noqa: PLC0415 - seldom asked for

        way, settings = open_checking(way, settings, log)
    if member is None or member.is_first:
        warn(settings, source.kind, handler, log, isolates=way.isolates)
        warn_of_a_circle(handler, source.sink_url, source.connection, log)
    deliverer = Deliverer(
        way.invoke,
        RetryLimits(settings.retries(source.kind), settings.maximum_record_age_in_seconds),
        destination,
        stats,
        log,
        isolate=way.isolates,
        bisect=way.bisects,
        cuts=way.cuts,
    )
    return EventSourceMapping(settings, way.poller, deliverer, stats, stop, log, source=source.kind)
