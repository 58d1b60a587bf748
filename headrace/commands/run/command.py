"""`headrace run`: bring a topic, a stream or the changes of a table to a worker."""

import argparse
import gc
import os
import sys

from headrace.commands.flags import positive
from headrace.commands.reload import add_reload
from headrace.commands.run.flags import add_settings
from headrace.commands.run.layers import plan_run
from headrace.commands.run.report import describe
from headrace.commands.subcommand import Subparsers, add_subcommand
from headrace.plan.plan import Plan
from headrace.plan.secrets import hide
from headrace.runner.members import VARIABLE

# Beyond the drain: what is done is committed, the group is left, and the worker closes itself.
_END_SECONDS = 20.0


def add_parser(subparsers: "Subparsers[argparse.ArgumentParser]") -> None:
    """Describe the subcommand."""
    parser = add_subcommand(
        subparsers,
        "run",
        "Run a worker on a Kafka topic, a Kinesis stream, a DynamoDB table or an SQS queue.",
        "headrace run app.orders --kafka 127.0.0.1:9092 --topic orders",
        "headrace run template.yaml Orders --kafka 127.0.0.1:9092 --dry-run",
        usage="headrace run WORKER --kafka HOST:PORT --topic TOPIC | --kinesis STREAM |"
        " --dynamodb TABLE | --sqs QUEUE  [flags]\n"
        "       headrace run TEMPLATE.yaml [FUNCTION] [--event NAME] [flags]",
    )
    parser.add_argument(
        "worker",
        metavar="WORKER|TEMPLATE",
        nargs="?",
        help="The worker, as MODULE or MODULE:ATTRIBUTE, or a SAM template (.yaml or .json).",
    )
    parser.add_argument(
        "name", metavar="FUNCTION", nargs="?", help="The function of the template to run."
    )
    _add_limits(parser)
    _add_template(parser.add_argument_group("SAM template"))
    add_settings(parser)
    parser.set_defaults(func=run)


def _add_limits(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--dry-run", action="store_true", help="Show all settings and connect nowhere."
    )
    parser.add_argument(
        "--stop-when-idle",
        type=positive(float),
        metavar="SECONDS",
        help="Stop if no record has come for this time, and all that came are done.",
    )
    parser.add_argument(
        "--wait",
        action="store_true",
        help="If what is read, or its service, is not there at the start, wait for it."
        " Without this, the run ends with an error after ten seconds.",
    )
    parser.add_argument(
        "--max-records", type=positive(int), metavar="N", help="Stop after this number of records."
    )
    parser.add_argument(
        "--progress", action="store_true", help="Show a live view if standard error is a terminal."
    )
    add_reload(parser)


def _add_template(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--event", metavar="NAME", help="The event of the function whose records are read."
    )
    group.add_argument(
        "--parameter",
        metavar="NAME=VALUE",
        action="append",
        default=[],
        help="A parameter of the template, or a pseudo parameter such as AWS::Region."
        " May be repeated.",
    )
    group.add_argument(
        "--handler",
        metavar="MODULE:ATTRIBUTE",
        help="The code to run in place of the function's own.",
    )


def run(args: argparse.Namespace) -> int:
    """Run until a signal or a limit; everything done is committed then."""
    plan = plan_run(args)
    if VARIABLE in os.environ:  # a supervisor has said already what there is to say
        return _run_here(args, plan)
    if args.dry_run:
        return _dry_run(plan)
    for warning in plan.warnings:
        sys.stderr.write(f"headrace: {hide(warning, plan.secrets)}\n")
    if plan.mapping().processes > 1:
        from headrace.commands.run.members import run_members  # noqa: PLC0415 - as below

        return run_members(args, plan)
    return _run_here(args, plan)


def _run_here(args: argparse.Namespace, plan: Plan) -> int:
    # Imported here, so that the other commands start without Kafka's and Kinesis's clients.
    from headrace.commands.run.handler import load_handler  # noqa: PLC0415
    from headrace.commands.run.progress import progress  # noqa: PLC0415
    from headrace.log import log_libraries  # noqa: PLC0415
    from headrace.runner.compose import run as run_mapping  # noqa: PLC0415
    from headrace.runner.members.member import Member  # noqa: PLC0415
    from headrace.runner.monitoring.stats import Stats  # noqa: PLC0415
    from headrace.runner.stop import Stop, stop_on_signals  # noqa: PLC0415

    source, settings = plan.source(), plan.mapping()
    log_libraries(settings.log_level)
    stats, stop = Stats(), Stop(args.max_records, args.stop_when_idle)
    member = Member.of(os.environ, stop)
    handler = load_handler(plan)
    within = settings.drain_timeout_seconds + _END_SECONDS
    stop_on_signals(stop, second_ends=member is None, within=within)
    gc.freeze()  # what was loaded stays: no collection need look at it again
    with progress(stats, shown=args.progress and member is None):
        run_mapping(
            handler, source, settings, stats=stats, stop=stop, wait=args.wait, member=member
        )
    return 0


def _dry_run(plan: Plan) -> int:
    """Show the plan; then fail as the run itself would at its start."""
    sys.stdout.write(describe(plan))
    sys.stdout.flush()
    plan.source()
    plan.mapping()
    plan.worker()
    return 0
