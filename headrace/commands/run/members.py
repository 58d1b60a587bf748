"""`headrace run --processes N`: the same command in several processes, under this one."""

import argparse

from headrace import log as telemetry
from headrace.commands.run.progress import progress
from headrace.errors import SettingsError
from headrace.log import log_libraries
from headrace.plan.plan import Plan
from headrace.runner.end_of_run import told_at_its_end
from headrace.runner.kafka.settings import KafkaSource
from headrace.runner.members.summed import SummedStats
from headrace.runner.members.supervisor import Supervisor
from headrace.runner.monitoring.serving import Shown, serve
from headrace.runner.source_settings import TITLES
from headrace.runner.sqs.settings import SqsSource
from headrace.runner.stop import Stop, stop_on_signals


def run_members(args: argparse.Namespace, plan: Plan) -> int:
    """Run until a signal, or until all members have ended. Returns the exit code.

    Raises:
        SettingsError: What is asked for cannot be divided.
    """
    source, settings = plan.source(), plan.mapping()
    if not isinstance(source, KafkaSource | SqsSource):  # as MappingSettings.check_source says
        raise SettingsError("HEADRACE_PROCESSES is for Kafka and SQS")
    if args.max_records is not None:
        raise SettingsError("--max-records counts in one process: it does not go with --processes")
    shown = _shown(source)
    if settings.http_produce and shown.sink_url is None:
        raise SettingsError("HEADRACE_HTTP_PRODUCE does not go with the --processes of a queue")
    log_libraries(settings.log_level)
    log = telemetry.logger("runner", settings.log_level)
    stats, stop = SummedStats(settings.processes), Stop()
    stop_on_signals(stop)
    supervisor = Supervisor(
        args.arguments, settings.processes, stats, stop, settings.drain_timeout_seconds, log
    )
    with (
        serve(shown, settings, stats, stats, log),
        progress(stats, shown=args.progress),
        told_at_its_end(stats, log),
    ):
        return supervisor.run()


def _shown(source: KafkaSource | SqsSource) -> Shown:
    if isinstance(source, SqsSource):  # only a member asks where the queue is
        return Shown(source.queue, TITLES["sqs"], None, {})
    if "group.instance.id" in source.consumer_config:
        raise SettingsError("group.instance.id names one member: it does not go with --processes")
    return Shown(source.mapping_name, TITLES["kafka"], source.sink_url, source.connection())
