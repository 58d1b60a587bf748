"""`headrace invoke`: call a worker with one event, as AWS Lambda would, and print the answer."""

import argparse
import base64
import contextlib
import mimetypes
import os
import sys
import time
from pathlib import Path
from typing import Any

from headrace import json_text
from headrace.commands.subcommand import Subparsers, add_subcommand
from headrace.errors import SettingsError
from headrace.loading import find_handler
from headrace.settings import pairs, variable
from headrace.whole_file import content, read

_MOST_BYTES = 100_000_000  # AWS Lambda takes 6 MB


def add_parser(subparsers: "Subparsers[argparse.ArgumentParser]") -> None:
    """Describe the subcommand."""
    parser = add_subcommand(
        subparsers,
        "invoke",
        "Call a worker with one event.",
        "headrace invoke orders --event order.json",
        "headrace invoke app.orders:handler --event -",
        "headrace invoke workers.detector --file street.jpg --field draw=true --out boxes.png",
        details="The worker is called as AWS Lambda would call it, and its answer is printed as"
        " JSON. The exit code is 1 if the answer is a refusal (an HTTP status of 400 or more).",
    )
    parser.add_argument(
        "worker", metavar="WORKER", help="The worker, as MODULE or MODULE:ATTRIBUTE."
    )
    event = parser.add_mutually_exclusive_group(required=True)
    event.add_argument(
        "--event", type=Path, metavar="FILE", help="A JSON file with the event, or - for stdin."
    )
    event.add_argument("--url", help='A URL to ask about: the event is {"url": URL}.')
    event.add_argument(
        "--file",
        type=Path,
        help="A local file to ask about: the event has its content as a data URL.",
    )
    parser.add_argument(
        "--field",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="A further field of the event. The value is JSON, or else text. May be repeated.",
    )
    parser.add_argument(
        "--out", type=Path, metavar="FILE", help="A file for the body of the answer, such as a PNG."
    )
    parser.set_defaults(func=run)


def run(args: argparse.Namespace) -> int:
    """Invoke, and print the response as JSON, or write its body to a file."""
    from headrace.commands.dropped import Dropped  # noqa: PLC0415 - the other commands need it not
    from headrace.log import log_libraries  # noqa: PLC0415 - as above
    from headrace.runner.function import context  # noqa: PLC0415 - as above

    log_libraries()
    event = _with_fields(_event(args), args.field)
    # What the worker logs and prints is no part of the answer.
    with contextlib.redirect_stdout(sys.stderr):
        handler = find_handler(args.worker)
        dropped = Dropped.of(handler)
        deadline = time.monotonic() + context.LONGEST_SECONDS
        response = handler(event, context.Context(context.name_of(handler), deadline))
        dropped.tell()
    if args.out and not _is_problem(response):
        args.out.write_bytes(_body(response))
        sys.stdout.write(f"the answer is in {args.out}\n")
    else:
        sys.stdout.write(_pretty(response) + "\n")
    return 1 if _is_problem(response) else 0


def _event(args: argparse.Namespace) -> Any:
    if args.event:
        return _read(args.event)
    if args.url is not None:
        return {"url": args.url}
    # Whoever types the command has chosen the file, so the worker may read it.
    os.environ.setdefault(variable("image_allow_data"), "true")
    kind = mimetypes.guess_type(args.file)[0] or "application/octet-stream"
    data = base64.b64encode(content(args.file, _MOST_BYTES)).decode()
    return {"url": f"data:{kind};base64,{data}"}


def _read(path: Path) -> Any:
    is_input = str(path) == "-"
    name = "standard input" if is_input else str(path)
    data = read(sys.stdin.buffer, name, _MOST_BYTES) if is_input else content(path, _MOST_BYTES)
    try:
        return json_text.decode(data)
    except json_text.JsonError as error:
        raise SettingsError(f"{name} is not JSON: {error}") from None


def _with_fields(event: Any, texts: list[str]) -> Any:
    if not texts:
        return event
    if not isinstance(event, dict):
        raise SettingsError("--field: the event is no JSON object, so it takes no fields")
    return event | {name: _value(text) for name, text in pairs("--field", texts).items()}


def _value(text: str) -> Any:
    try:
        return json_text.decode(text)
    except json_text.JsonError:
        return text


def _is_problem(response: Any) -> bool:
    status = response.get("statusCode") if isinstance(response, dict) else None
    return isinstance(status, int) and status >= 400


def _body(response: Any) -> bytes:
    body = response.get("body") if isinstance(response, dict) else None
    if not isinstance(body, str):
        raise SettingsError("--out: the answer has no body to write")
    return base64.b64decode(body) if response.get("isBase64Encoded") else body.encode()


def _pretty(response: Any) -> str:
    try:
        return json_text.encode(response, indent=True).decode()
    except json_text.JsonError as error:
        raise SettingsError(f"the answer is no JSON value: {error}") from None
