"""`headrace dead-letters`: list, show and replay what could not be processed."""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from typing import TYPE_CHECKING, Any

import msgspec
import orjson

from headrace.dead_letters.boxes.base import Box, Stored, open_box
from headrace.dead_letters.letter import DeadLetter, Reference, letters
from headrace.errors import SettingsError

if TYPE_CHECKING:
    from headrace.dead_letters.replay import Replay

_MOST_SHOWN = 100  # characters of an error in a table

# A stored message, with the letters that are in it and chosen, and whether those are all.
_Chosen = tuple[Stored, list[DeadLetter], bool]


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe `dead-letters list | show | replay`."""
    parser = subparsers.add_parser("dead-letters", help="list, show or replay dead letters")
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    for name, text, func in (
        ("list", "a line for each letter", _list),
        ("show", "everything about some letters, as JSON", _show),
        ("replay", "put records back where they came from", _replay),
    ):
        action = actions.add_parser(name, help=text)
        action.add_argument("url", help="file:PATH, kafka://HOSTS/TOPIC, sqs://QUEUE, s3://BUCKET")
        if name != "list":
            action.add_argument("ids", nargs="+" if name == "show" else "*", metavar="ID")
        if name != "show":
            action.add_argument("--error-type", help="only letters of this type of error")
        action.set_defaults(func=func, ids=[], error_type=None)
        if name == "replay":
            _add_replay(action)


def _add_replay(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--all", action="store_true", help="replay every letter")
    parser.add_argument("--to", metavar="URL", help="write all records to this sink instead")
    parser.add_argument("--keep", action="store_true", help="remove nothing from queue or bucket")
    parser.add_argument("--dry-run", action="store_true", help="only say what would be done")


def _list(args: argparse.Namespace) -> int:
    rows = [("ID", "ERROR TYPE", "AGE", "ERROR")]
    with closing(open_box(args.url)) as box:
        for chunk in _chosen(box, args):
            rows += map(_row, _letters(chunk))
    widths = [max(len(row[n]) for row in rows) for n in range(3)]
    for row in rows:
        cells = [text.ljust(width) for text, width in zip(row, widths, strict=False)]
        _say("  ".join([*cells, row[3]]).rstrip())
    return 0


def _show(args: argparse.Namespace) -> int:
    with closing(open_box(args.url)) as box:
        for chunk in _chosen(box, args):
            for letter in _letters(chunk):
                _say(orjson.dumps(describe(letter), option=orjson.OPT_INDENT_2).decode())
    return 0


def _replay(args: argparse.Namespace) -> int:
    from headrace.dead_letters.replay import Replay  # noqa: PLC0415 - it needs the sinks' clients

    if not (args.ids or args.error_type or args.all):
        raise SettingsError("say what to replay: IDs, --error-type or --all")
    counts: Counter[str] = Counter()
    with closing(open_box(args.url)) as box, closing(Replay(args.url, args.to)) as replay:
        try:
            for chunk in _chosen(box, args):
                if args.dry_run:
                    for letter in _letters(chunk):
                        _say(f"would replay {letter.id} to {replay.target(letter)}")
                else:
                    counts += _put(chunk, replay, box, keep=args.keep)
        finally:
            if not args.dry_run:
                _say("replayed {replayed}, failed {failed}, removed {removed}".format_map(counts))
    return 1 if counts["failed"] else 0


def _put(chunk: list[_Chosen], replay: "Replay", box: Box, *, keep: bool) -> Counter[str]:
    """Replay the letters of a chunk; a message goes once all that is in it was acknowledged."""
    counts: Counter[str] = Counter()
    failures = iter(replay.put(_letters(chunk)))
    for stored, found, complete in chunk:
        refused = [(letter, error) for letter in found if (error := next(failures)) is not None]
        for letter, error in refused:
            sys.stderr.write(f"headrace: {letter.id} was not replayed: {error}\n")
        counts.update(failed=len(refused), replayed=len(found) - len(refused))
        if box.removes and complete and not refused and not keep:
            box.remove(stored)
            counts["removed"] += len(found)
    return counts


def describe(letter: DeadLetter) -> dict[str, Any]:
    """Everything about a letter, bytes decoded as far as they can be."""
    from workers.consumer import readable  # noqa: PLC0415 - with all that a worker needs

    about = {
        "id": letter.id,
        "source": letter.source,
        "position": msgspec.to_builtins(letter.position),
        "error_type": letter.error_type,
        "error": letter.error,
        "errors": list(letter.errors),
        "rejected_at": letter.rejected_at,
    }
    if isinstance(letter, Reference):
        return about | {
            "last_position": msgspec.to_builtins(letter.last),
            "record": "in its source",
        }
    return about | {
        "timestamp": letter.timestamp,
        "key": _text(letter.key),
        "headers": [[name, _text(value)] for name, value in letter.headers],
        "value": readable(letter.value),
    }


def _chosen(box: Box, args: argparse.Namespace) -> Iterator[list[_Chosen]]:
    """The letters that the arguments ask for, chunk by chunk; says how many messages are none.

    Raises:
        SettingsError: in the end, where letters were asked for that are not there.
    """
    others, missing = 0, set(args.ids)
    for chunk in box.read():
        chosen: list[_Chosen] = []
        for stored in chunk:
            try:
                found = letters(stored.data)
            except msgspec.DecodeError:
                others += 1
                continue
            wanted = [letter for letter in found if _matches(letter, args)]
            missing.difference_update(letter.id for letter in wanted)
            if wanted:
                chosen.append((stored, wanted, len(wanted) == len(found)))
        yield chosen
    if others:
        sys.stderr.write(f"headrace: {others} messages of {args.url} are no dead letters\n")
    if missing:
        raise SettingsError(f"no dead letter {', '.join(sorted(missing))} in {args.url}")


def _letters(chunk: list[_Chosen]) -> list[DeadLetter]:
    return [letter for _, found, _ in chunk for letter in found]


def _matches(letter: DeadLetter, args: argparse.Namespace) -> bool:
    return (not args.ids or letter.id in args.ids) and args.error_type in {None, letter.error_type}


def _row(letter: DeadLetter) -> tuple[str, str, str, str]:
    error = " ".join(letter.error.split())[:_MOST_SHOWN]
    seconds = max(0, time.time() - letter.rejected_at / 1000)
    return letter.id, letter.error_type, _age(seconds), error


def _age(seconds: float) -> str:
    for unit, length in (("d", 86_400), ("h", 3_600), ("m", 60)):
        if seconds >= length:
            return f"{seconds // length:.0f}{unit}"
    return f"{seconds:.0f}s"


def _text(data: bytes | None) -> str | None:
    return None if data is None else data.decode(errors="backslashreplace")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
