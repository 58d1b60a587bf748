"""`headrace produce`: write test messages to a topic or a stream, each one acknowledged."""

import argparse
import codecs
import inspect
import itertools
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from headrace import json_text
from headrace.commands.produce_schema import add_schema_flags, framing
from headrace.commands.subcommand import Subparsers, add_subcommand
from headrace.errors import HeadraceError, SettingsError
from headrace.handler import Handler
from headrace.loading import load
from headrace.log import silence_libraries
from headrace.sinks import Message, open_sink
from headrace.sinks.url import SinkUrl

_CHUNK = 500


def add_parser(subparsers: "Subparsers[argparse.ArgumentParser]") -> None:
    """Describe the subcommand."""
    parser = add_subcommand(
        subparsers,
        "produce",
        "Write test messages to Kafka, Kinesis or another sink.",
        "headrace produce --to kafka://localhost:9092/orders --file orders.jsonl",
        "headrace produce --to kinesis://orders --rows training.samples:rows --count 1000",
        "headrace produce --to kafka://localhost:9092/orders --file orders.jsonl --avro order.avsc",
        details="A message is a line of JSON; one of its fields becomes the key. Messages of one"
        " key stay in order. The command waits until each message is acknowledged.",
    )
    parser.add_argument(
        "--to",
        required=True,
        metavar="URL",
        help="The sink: kafka://HOST:PORT/TOPIC, kinesis://STREAM, sqs://QUEUE or another.",
    )
    rows = parser.add_mutually_exclusive_group(required=True)
    rows.add_argument(
        "--file", metavar="FILE", help="A file with a message in each line, or - for stdin."
    )
    rows.add_argument(
        "--rows",
        metavar="MODULE:CALLABLE",
        help="A function without arguments that returns the messages: JSON values, text or bytes.",
    )
    parser.add_argument(
        "--count",
        type=_count,
        metavar="N",
        help="How many to write. After the last row, the first one follows. Default: each once.",
    )
    parser.add_argument(
        "--key-field",
        default="id",
        metavar="NAME",
        help="The field that becomes the key. A message without it has no key. Default: id.",
    )
    add_schema_flags(parser)
    parser.set_defaults(func=run)


def run(args: argparse.Namespace) -> int:
    """Produce, and say how many were acknowledged."""
    silence_libraries()
    to = SinkUrl.parse(args.to)
    source = "/dev/stdin" if args.file == "-" else args.file
    if source is not None and to.is_same(SinkUrl("file", "", source, {}, {})):
        raise SettingsError(f"--to {to} is the file itself that is read")
    rows = _called(args.rows) if args.file is None else _lines(args.file)
    first = list(itertools.islice(rows, 1))
    if not first:
        name = "standard input" if args.file == "-" else args.file or args.rows
        raise SettingsError(f"{name} holds no messages")
    rows = itertools.chain(first, rows)
    if args.count is not None:
        rows = itertools.islice(itertools.cycle(rows), args.count)
    messages = (message(row, args.key_field) for row in rows)
    write = framing(args)
    produced = produce(args.to, messages if write is None else map(write, messages))
    sys.stdout.write(f"produced {produced} messages to {to}\n")
    return 0


def produce(url: str, messages: Iterable[Message]) -> int:
    """Write messages to a sink; returns how many.

    Raises:
        HeadraceError: the sink did not acknowledge a message; it names the first reason.
    """
    sink = open_sink(url)
    produced = 0
    try:
        for chunk in _chunks(messages):
            failures = [failure for failure in sink.send(chunk) if failure is not None]
            produced += len(chunk) - len(failures)
            if failures:
                raise HeadraceError(
                    f"{len(failures)} of {len(chunk)} messages were not written, after"
                    f" {produced} that were: {failures[0]}"
                ) from failures[0]
    finally:
        sink.close()
    return produced


def message(row: bytes, key_field: str) -> Message:
    """A JSON line as a message; its key is the named field, where it has one."""
    try:
        value = json_text.decode(row)
    except json_text.JsonError:
        value = None  # sent as it is: bad input is a test message too
    key = value.get(key_field) if isinstance(value, dict) else None
    if key is None:
        return Message(None, row)
    if isinstance(key, str):
        with suppress(UnicodeEncodeError):  # half a surrogate pair is JSON, but no text
            return Message(key.encode(), row)
    with suppress(json_text.JsonError):  # 1e999 is JSON, and read as no number
        return Message(json_text.encode(key), row)
    return Message(None, row)


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) > sys.maxsize:
        raise argparse.ArgumentTypeError(f"{text} is not a number of messages")
    return int(text)


def _lines(path: str) -> Iterator[bytes]:
    with Path(path).open("rb") if path != "-" else sys.stdin.buffer as file:
        mark = codecs.BOM_UTF8  # of the file, and no part of its first message
        for line in file:
            row, mark = line.removeprefix(mark).rstrip(b"\r\n"), b""
            if row.strip():
                yield row


def _called(name: str) -> Iterator[bytes]:
    function = load(name)
    if isinstance(function, Handler):
        raise SettingsError(f"{name} is a worker: --rows takes a function that returns messages")
    rows = function()
    if inspect.iscoroutine(rows):
        rows.close()  # or Python complains that nobody has awaited it
    if not isinstance(rows, Iterable) or isinstance(rows, str | bytes | dict):
        raise SettingsError(f"{name} gave no messages, but {type(rows).__name__}")
    for row in rows:
        yield _encoded(row, name)


def _encoded(row: Any, name: str) -> bytes:
    if isinstance(row, bytes):
        return row
    try:
        if isinstance(row, str):
            return row.encode()
        return json_text.encode(row)
    except json_text.JsonError as error:
        raise SettingsError(f"{name} gave what is no JSON value: {error}") from None
    except UnicodeEncodeError as error:
        raise SettingsError(f"{name} gave a text with half a surrogate pair: {error}") from None


def _chunks(messages: Iterable[Message]) -> Iterator[list[Message]]:
    iterator = iter(messages)
    while chunk := list(itertools.islice(iterator, _CHUNK)):
        yield chunk
