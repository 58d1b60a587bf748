"""A runner with its threads, on the real clock: to see what goes on at once."""

from msgspec.structs import replace

from headrace.log import logger
from headrace.runner.delivery.deliver import Deliverer
from headrace.runner.delivery.limits import RetryLimits
from headrace.runner.mapping import EventSourceMapping
from headrace.runner.monitoring.stats import Stats
from headrace.runner.settings import MappingSettings, SourceKind
from headrace.runner.stop import Stop
from headrace.runner.way import Way

_IDLE_SECONDS = 0.05
_SPARE = 3


def run_in_threads(way: Way, source: SourceKind, settings: MappingSettings, together: int) -> None:
    """Run until everything is done and committed.

    Args:
        way: to the function.
        source: what is read.
        settings: of the mapping.
        together: how many invocations there must be room for, at least; there is more.
    """
    settings = replace(settings, function_concurrency=together + _SPARE)
    stats, log = Stats(), logger("runner", settings.log_level)
    limits = RetryLimits(settings.retries(source), settings.maximum_record_age_in_seconds)
    deliverer = Deliverer(
        way.invoke, limits, None, stats, log, isolate=way.isolates, bisect=way.bisects
    )
    stop = Stop(when_idle=_IDLE_SECONDS)
    EventSourceMapping(settings, way.poller, deliverer, stats, stop, log, source=source).run()
