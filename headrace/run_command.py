"""`headrace run`: bring a Kafka topic or a Kinesis stream to a worker."""

import argparse
import os
from typing import TYPE_CHECKING, Any

import msgspec

from workers.errors import SettingsError
from workers.runner.settings import MappingSettings
from workers.settings import read

if TYPE_CHECKING:
    from workers.runner.stats import Stats
    from workers.runner.stop import Stop


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the subcommand."""
    parser = subparsers.add_parser("run", help="run a worker on a Kafka topic or a Kinesis stream")
    parser.add_argument("worker", help="module:attribute, or a file in workers/: msk_consumer")
    stream = parser.add_mutually_exclusive_group(required=True)
    stream.add_argument("--kafka", metavar="BOOTSTRAP", help="host:port of the brokers")
    stream.add_argument("--kinesis", metavar="STREAM", help="name of the stream")
    _add_kafka(parser.add_argument_group("Kafka"))
    _add_kinesis(parser.add_argument_group("Kinesis"))
    _add_settings(parser.add_argument_group("event source mapping (each is a variable, too)"))
    parser.add_argument(
        "--stop-when-idle", type=float, metavar="SECONDS", help="stop after a time without records"
    )
    parser.add_argument("--max-records", type=int, metavar="N", help="stop after so many")
    parser.add_argument("--progress", action="store_true", help="a live line, on a terminal")
    parser.set_defaults(func=run)


def run(args: argparse.Namespace) -> int:
    """Run until a signal or a limit; everything done is committed then."""
    # Imported here, so that the other commands start without Kafka's and Kinesis's clients.
    from headrace.run_progress import progress  # noqa: PLC0415
    from headrace.worker_name import find_handler  # noqa: PLC0415
    from workers.runner.run import stop_on_signals  # noqa: PLC0415
    from workers.runner.stats import Stats  # noqa: PLC0415
    from workers.runner.stop import Stop  # noqa: PLC0415

    if args.kafka and not args.topic:
        raise SettingsError("--kafka needs --topic")
    settings = _settings(args)
    handler = find_handler(args.worker)
    stats, stop = Stats(), Stop(args.max_records, args.stop_when_idle)
    stop_on_signals(stop)
    with progress(stats, shown=args.progress):
        start = _run_kafka if args.kafka else _run_kinesis
        start(args, handler, settings, stats, stop)
    return 0


def _run_kafka(
    args: argparse.Namespace, handler: Any, settings: MappingSettings, stats: "Stats", stop: "Stop"
) -> None:
    from workers.runner.kafka import KafkaSettings  # noqa: PLC0415
    from workers.runner.run import run_kafka  # noqa: PLC0415

    source = KafkaSettings(
        bootstrap_servers=args.kafka,
        topic=args.topic,
        group=args.group or f"headrace-{args.worker.replace(':', '-')}",
        consumer_config=_pairs(args.consumer_config),
    )
    run_kafka(handler, source, settings, stats, stop)


def _run_kinesis(
    args: argparse.Namespace, handler: Any, settings: MappingSettings, stats: "Stats", stop: "Stop"
) -> None:
    from workers.runner.kinesis import KinesisSettings  # noqa: PLC0415
    from workers.runner.run import run_kinesis  # noqa: PLC0415

    source = KinesisSettings(
        stream=args.kinesis,
        checkpoints=args.checkpoints or f"var/checkpoints/{args.kinesis}.sqlite",
        endpoint_url=args.endpoint,
        region=args.region,
    )
    run_kinesis(handler, source, settings, stats, stop)


def _add_kafka(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--topic", help="the topic")
    group.add_argument("--group", help="the consumer group; default: headrace-WORKER")
    group.add_argument(
        "--consumer-config",
        metavar="KEY=VALUE",
        action="append",
        default=[],
        help="a further setting of librdkafka; may be repeated",
    )


def _add_kinesis(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--endpoint", metavar="URL", help="a stand-in for the service")
    group.add_argument("--region", help="the stream's region")
    group.add_argument(
        "--checkpoints", metavar="FILE", help="default: var/checkpoints/STREAM.sqlite"
    )


def _add_settings(group: argparse._ArgumentGroup) -> None:
    for field in msgspec.structs.fields(MappingSettings):
        flag = "--" + field.name.replace("_", "-")
        text = None if field.default is None else f"default: {field.default}"
        group.add_argument(flag, metavar="VALUE", help=text)


def _settings(args: argparse.Namespace) -> MappingSettings:
    """Flags over variables; both are parsed and checked in one way."""
    names = [field.name for field in msgspec.structs.fields(MappingSettings)]
    flags = {name.upper(): text for name in names if (text := getattr(args, name)) is not None}
    return read(MappingSettings, {**os.environ, **flags})


def _pairs(texts: list[str]) -> dict[str, str]:
    pairs = {}
    for text in texts:
        key, equals, value = text.partition("=")
        if not key or not equals:
            raise SettingsError(f"--consumer-config {text!r} is not KEY=VALUE")
        pairs[key] = value
    return pairs
