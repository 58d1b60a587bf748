"""`headrace produce`: write test messages to a topic or a stream, each one acknowledged."""

import argparse
import itertools
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import orjson

from headrace.errors import SettingsError
from headrace.sinks import Message, open_sink

_CHUNK = 500


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the subcommand."""
    parser = subparsers.add_parser("produce", help="write test messages to Kafka or Kinesis")
    parser.add_argument("--to", required=True, help="kafka://host:port/topic or kinesis://stream")
    parser.add_argument("--file", type=Path, help="JSON lines; default: rows of the tumour data")
    parser.add_argument("--count", type=int, help="how many; default: each message once")
    parser.add_argument("--key-field", default="id", help="the field that becomes the key")
    parser.set_defaults(func=run)


def run(args: argparse.Namespace) -> int:
    """Produce, and say how many were acknowledged."""
    rows = list(_lines(args.file) if args.file else tumor_rows())
    if not rows:
        raise SettingsError(f"{args.file} holds no messages")
    count = len(rows) if args.count is None else args.count
    messages = (
        message(row, args.key_field) for row in itertools.islice(itertools.cycle(rows), count)
    )
    produced = produce(args.to, messages)
    sys.stdout.write(f"produced {produced} messages to {args.to}\n")
    return 0


def produce(url: str, messages: Iterable[Message]) -> int:
    """Write messages to a sink; returns how many. Raises the first failure."""
    sink = open_sink(url)
    produced = 0
    try:
        for chunk in _chunks(messages):
            for failure in sink.send(chunk):
                if failure is not None:
                    raise failure
            produced += len(chunk)
    finally:
        sink.close()
    return produced


def message(row: bytes, key_field: str) -> Message:
    """A JSON line as a message; its key is the named field, where it has one."""
    try:
        value = orjson.loads(row)
    except orjson.JSONDecodeError:
        value = None  # sent as it is: bad input is a test message too
    key = value.get(key_field) if isinstance(value, dict) else None
    return Message(None if key is None else str(key).encode(), row)


def tumor_rows() -> Iterator[bytes]:
    """The rows of the breast-cancer data set, as the classifier takes them."""
    from training.tumor.data import all_rows  # noqa: PLC0415 - scikit-learn is slow to import

    for number, (features, _) in enumerate(all_rows()):
        yield orjson.dumps({"id": str(number), **features})


def _lines(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        yield from (line.rstrip(b"\r\n") for line in file if line.strip())


def _chunks(messages: Iterable[Message]) -> Iterator[list[Message]]:
    iterator = iter(messages)
    while chunk := list(itertools.islice(iterator, _CHUNK)):
        yield chunk
