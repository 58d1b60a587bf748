"""`headrace invoke`: call a worker with one event, as AWS Lambda would, and print the answer."""

import argparse
import base64
import sys
from pathlib import Path
from typing import Any

import orjson

from headrace.errors import SettingsError
from headrace.loading import find_handler


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the subcommand."""
    parser = subparsers.add_parser("invoke", help="call a worker with one event")
    parser.add_argument("worker", nargs="?", help="default: the one that fits the event")
    event = parser.add_mutually_exclusive_group(required=True)
    event.add_argument("--event", type=Path, help="a JSON file; - is standard input")
    event.add_argument("--url", help="an image for the object detector")
    parser.add_argument("--out", type=Path, help="draw the boxes into this PNG file")
    parser.set_defaults(func=run)


def run(args: argparse.Namespace) -> int:
    """Invoke and print the response as JSON."""
    event = {"url": args.url} if args.url else _read(args.event)
    handler = find_handler(args.worker or _default_worker(event))
    response = handler(event)
    sys.stdout.write(_pretty(response) + "\n")
    if args.out:
        drawn = handler(event | {"draw": True})
        _save_picture(drawn, args.out)
        sys.stdout.write(f"boxes drawn into {args.out}\n")
    return 1 if _is_problem(response) else 0


def _default_worker(event: Any) -> str:
    asks_for_detection = isinstance(event, dict) and "url" in event
    return "object_detector" if asks_for_detection else "tumor_classifier"


def _read(path: Path) -> Any:
    data = sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise SettingsError(f"{path} is not JSON: {error}") from None


def _is_problem(response: Any) -> bool:
    return isinstance(response, dict) and int(response.get("statusCode", 200)) >= 400


def _save_picture(response: Any, path: Path) -> None:
    if not response.get("isBase64Encoded"):
        raise SettingsError("the worker answered without a picture")
    path.write_bytes(base64.b64decode(response["body"]))


def _pretty(response: Any) -> str:
    return orjson.dumps(response, option=orjson.OPT_INDENT_2).decode()
