"""`headrace dead-letters`: list, show and replay what could not be processed."""

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import TYPE_CHECKING

import msgspec

from headrace import json_text
from headrace.commands.dead_letter_view import describe, table
from headrace.commands.subcommand import Subparsers, add_subcommand
from headrace.dead_letters.boxes.base import Box, Stored, open_box
from headrace.dead_letters.letter import DeadLetter
from headrace.dead_letters.reading import letters
from headrace.errors import SettingsError
from headrace.log import silence_libraries
from headrace.readable import printable
from headrace.sinks.url import shown

if TYPE_CHECKING:
    from headrace.dead_letters.replay import Replay

# A stored message, with the letters that are in it and chosen, and whether those are all.
_Chosen = tuple[Stored, list[DeadLetter], bool]


def add_parser(subparsers: "Subparsers[argparse.ArgumentParser]") -> None:
    """Describe `dead-letters list | show | replay`."""
    parser = add_subcommand(
        subparsers,
        "dead-letters",
        "List, show or replay the records that could not be processed.",
        "headrace dead-letters list file:dead.jsonl",
    )
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    for name, func, text, example in (
        ("list", _list, "Print a line for each dead letter.", "list sqs://orders-dead-letters"),
        ("show", _show, "Print all about some dead letters, as JSON.", "show file:dead.jsonl 3f2a"),
        (
            "replay",
            _replay,
            "Write records back to where they came from.",
            "replay file:dead.jsonl --error-type KeyError --source orders --dry-run",
        ),
    ):
        action = add_subcommand(actions, name, text, f"headrace dead-letters {example}")
        action.add_argument(
            "url",
            metavar="URL",
            help="The place of the dead letters: file:PATH, kafka://HOSTS/TOPIC, sqs://QUEUE or"
            " s3://BUCKET.",
        )
        if name != "list":
            nargs = "+" if name == "show" else "*"
            action.add_argument("ids", nargs=nargs, metavar="ID", help="The id of a dead letter.")
        if name != "show":
            action.add_argument(
                "--error-type", metavar="NAME", help="Choose dead letters with this type of error."
            )
        action.set_defaults(func=_quietly(func), ids=[], error_type=None)
        if name == "replay":
            _add_replay(action)


def _add_replay(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--all", action="store_true", help="Replay every dead letter.")
    parser.add_argument(
        "--source",
        metavar="NAME",
        action="append",
        default=[],
        help="A topic or a stream that records may be written back to. May be repeated.",
    )
    parser.add_argument(
        "--to", metavar="URL", help="The sink for all records, in place of where they came from."
    )
    parser.add_argument(
        "--keep", action="store_true", help="Remove nothing from the queue or bucket."
    )
    parser.add_argument(
        "--dry-run", action="store_true", help="Say what would be done, and do nothing."
    )


def _quietly(func: Callable[[argparse.Namespace], int]) -> Callable[[argparse.Namespace], int]:
    def run(args: argparse.Namespace) -> int:
        silence_libraries()
        return func(args)

    return run


def _list(args: argparse.Namespace) -> int:
    with closing(open_box(args.url)) as box:
        found = (letter for chunk in _chosen(box, args) for letter in _letters(chunk))
        for line in table(found):
            _say(line)
    return 0


def _show(args: argparse.Namespace) -> int:
    with closing(open_box(args.url)) as box:
        for chunk in _chosen(box, args):
            for letter in _letters(chunk):
                text = json_text.encode(describe(letter), indent=True).decode()
                _say(printable(text, keep="\n"))
    return 0


def _replay(args: argparse.Namespace) -> int:
    from headrace.dead_letters.replay import Replay  # noqa: PLC0415 - it needs the sinks' clients

    if not (args.ids or args.error_type or args.all):
        raise SettingsError("say what to replay: IDs, --error-type or --all")
    counts: Counter[str] = Counter()
    replay = Replay(args.url, args.to, args.source)
    with closing(open_box(args.url)) as box, closing(replay):
        if not (args.to or args.source):
            raise SettingsError(_where_to(box, args))
        try:
            for chunk in _chosen(box, args):
                if args.dry_run:
                    counts += _check(chunk, replay)
                else:
                    counts += _put(chunk, replay, box, keep=args.keep)
        finally:
            if not args.dry_run:
                _say("replayed {replayed}, failed {failed}, removed {removed}".format_map(counts))
    return 1 if counts["failed"] else 0


def _where_to(box: Box, args: argparse.Namespace) -> str:
    """Return what the operator may say: letters alone do not decide where anything is written."""
    from headrace.dead_letters.replay import source_of  # noqa: PLC0415 - as above

    chosen = (letter for chunk in _chosen(box, args) for letter in _letters(chunk))
    counts = Counter(map(source_of, chosen))
    flags = [f"--source {name} ({count})" for name, count in counts.items() if name is not None]
    return f"say where records may be written: {', '.join([*flags, '--to URL'])}"


def _check(chunk: list[_Chosen], replay: "Replay") -> Counter[str]:
    """Say of each letter what replaying it would do."""
    counts: Counter[str] = Counter()
    for letter in _letters(chunk):
        refusal = replay.check(letter)
        if refusal is None:
            _say(printable(f"would replay {letter.id} to {replay.target(letter)}"))
        else:
            counts["failed"] += 1
            _complain(f"{letter.id} would not be replayed: {refusal}")
    return counts


def _put(chunk: list[_Chosen], replay: "Replay", box: Box, *, keep: bool) -> Counter[str]:
    """Replay the letters of a chunk; a message goes once all that is in it was acknowledged."""
    counts: Counter[str] = Counter()
    failures = iter(replay.put(_letters(chunk)))
    for stored, found, complete in chunk:
        refused = [(letter, error) for letter in found if (error := next(failures)) is not None]
        for letter, error in refused:
            _complain(f"{letter.id} was not replayed: {error}")
        counts.update(failed=len(refused), replayed=len(found) - len(refused))
        if box.removes and complete and not refused and not keep:
            box.remove(stored)
            counts["removed"] += len(found)
    return counts


def _chosen(box: Box, args: argparse.Namespace) -> Iterator[list[_Chosen]]:
    """Yield the letters that are asked for, in chunks; tell of messages that are no letters.

    Raises:
        SettingsError: at the end, if a letter that was asked for is not there.
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
        _complain(f"{others} messages of {shown(args.url)} are no dead letters")
    if missing:
        raise SettingsError(f"no dead letter {', '.join(sorted(missing))} in {shown(args.url)}")


def _letters(chunk: list[_Chosen]) -> list[DeadLetter]:
    return [letter for _, found, _ in chunk for letter in found]


def _matches(letter: DeadLetter, args: argparse.Namespace) -> bool:
    return (not args.ids or letter.id in args.ids) and args.error_type in {None, letter.error_type}


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")


def _complain(text: str) -> None:
    sys.stderr.write(printable(f"headrace: {text}") + "\n")
